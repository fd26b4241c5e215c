// Package knots holds goroutines that wait for each other, for themselves, or for what was never done.
package knots

import (
	"context"
	"errors"
	"sync"
)

// A Shop sells from its stock.
type Shop struct {
	mu    sync.Mutex
	stock *Stock
	sold  int
}

// A Stock belongs to a shop.
type Stock struct {
	mu   sync.Mutex
	shop *Shop
	left int
}

// Open returns a shop with a stock.
func Open() *Shop {
	shop := &Shop{}
	shop.stock = &Stock{shop: shop, left: 9}
	return shop
}

// Sell takes one from the stock.
func (s *Shop) Sell(locked func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	locked()
	s.stock.take()
	s.sold++
}

func (k *Stock) take() {
	k.mu.Lock() // blocked: 65a
	defer k.mu.Unlock()
	k.left--
}

// LeakyCount asks the shop with the stock locked.
func (k *Stock) LeakyCount(locked func()) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	locked()
	return k.left + k.shop.count()
}

func (s *Shop) count() int {
	s.mu.Lock() // blocked: 65b
	defer s.mu.Unlock()
	return s.sold
}

// FixedCount asks the shop first, in the order in which Sell locks.
func (k *Stock) FixedCount() int {
	sold := k.shop.count()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.left + sold
}

// LeakyTrade sells and counts at once.
func LeakyTrade(shop *Shop) {
	var both sync.WaitGroup
	both.Add(2)
	meet := func() {
		both.Done()
		both.Wait()
	}
	go shop.Sell(meet)             // started: 65a
	go shop.stock.LeakyCount(meet) // started: 65b
}

// FixedTrade does the same.
func FixedTrade(shop *Shop) {
	var both sync.WaitGroup
	both.Add(2)
	go func() {
		defer both.Done()
		shop.Sell(func() {})
	}()
	go func() {
		defer both.Done()
		shop.stock.FixedCount()
	}()
	both.Wait()
}

// A Printer prints until it is closed.
type Printer struct {
	jobs       chan string
	stop, done chan struct{}
}

// NewPrinter starts one.
func NewPrinter() *Printer {
	p := &Printer{make(chan string), make(chan struct{}), make(chan struct{})}
	go p.run()
	return p
}

func (p *Printer) run() {
	defer close(p.done)
	for {
		select {
		case <-p.jobs:
		case <-p.stop:
			return
		}
	}
}

// Close ends the printer.
func (p *Printer) Close() {
	close(p.stop)
	<-p.done
}

// LeakyPrint hands a job over, also when no one takes it any more.
func (p *Printer) LeakyPrint(job string) {
	p.jobs <- job // blocked: 66
}

// FixedPrint gives up when the printer is closed.
func (p *Printer) FixedPrint(job string) {
	select {
	case p.jobs <- job:
	case <-p.done:
	}
}

// PrintLater prints in a goroutine.
func PrintLater(print func(string)) {
	go print("page") // started: 66
}

// A Room has guests.
type Room struct {
	mu     sync.Mutex
	gone   *sync.Cond
	guests map[string]bool
}

// NewRoom returns a room with one guest.
func NewRoom() *Room {
	r := &Room{guests: map[string]bool{"Ada": true}}
	r.gone = sync.NewCond(&r.mu)
	return r
}

// LeakyLeave does not wake who waits.
func (r *Room) LeakyLeave(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.guests, name)
}

// FixedLeave does.
func (r *Room) FixedLeave(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.guests, name)
	r.gone.Broadcast()
}

// Empty waits until all guests have left.
func (r *Room) Empty(begins func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	begins()
	for len(r.guests) > 0 {
		r.gone.Wait() // blocked: 67
	}
}

// Lock closes the room when it is empty: when Lock returns, it is waited for.
func (r *Room) Lock() {
	begun := make(chan struct{})
	go r.Empty(func() { close(begun) }) // started: 67
	<-begun
}

// A Crew works, and ends together.
type Crew struct {
	wg   sync.WaitGroup
	over chan struct{}
}

// NewCrew returns a crew.
func NewCrew() *Crew { return &Crew{over: make(chan struct{})} }

// LeakyWork waits for the crew, and is one of it.
func (c *Crew) LeakyWork() {
	defer c.wg.Done()
	c.wg.Wait() // blocked: 68
	close(c.over)
}

// FixedWork leaves that to the caller.
func (c *Crew) FixedWork() {
	defer c.wg.Done()
}

// Start starts a worker.
func (c *Crew) Start(work func()) {
	c.wg.Add(1)
	go work() // started: 68
}

// A Feed has news.
type Feed struct {
	news chan string
}

func read(news <-chan string) {
	for range news { // blocked: 69
	}
}

// LeakyFollow hands the channel over before it makes it.
func (f *Feed) LeakyFollow() {
	go read(f.news) // started: 69
	f.news = make(chan string)
}

// FixedFollow makes it first.
func (f *Feed) FixedFollow() {
	f.news = make(chan string)
	go read(f.news)
}

// Close ends the readers.
func (f *Feed) Close() { close(f.news) }

// A Clock runs until it is stopped.
type Clock struct {
	ctx  context.Context
	stop context.CancelFunc
}

// LeakyStart sets the fields of a copy.
func (c Clock) LeakyStart() {
	c.ctx, c.stop = context.WithCancel(context.Background())
	go c.run() // started: 70
}

// FixedStart sets those of the clock.
func (c *Clock) FixedStart() {
	c.ctx, c.stop = context.WithCancel(context.Background())
	go c.run()
}

func (c *Clock) run() {
	<-c.ctx.Done() // blocked: 70
}

// Stop ends the clock.
func (c *Clock) Stop() {
	if c.stop != nil {
		c.stop()
	}
}

var errOdd = errors.New("odd")

func check(n int) error {
	if n%2 != 0 {
		return errOdd
	}
	return nil
}

// LeakyCheck does not count down for a number that fails.
func LeakyCheck(numbers ...int) {
	var wg sync.WaitGroup
	for _, n := range numbers {
		n := n
		wg.Add(1)
		go func() {
			if check(n) != nil {
				return
			}
			wg.Done()
		}()
	}
	go func() { // started: 71
		wg.Wait() // blocked: 71
	}()
}

// FixedCheck counts down on every path.
func FixedCheck(numbers ...int) {
	var wg sync.WaitGroup
	for _, n := range numbers {
		n := n
		wg.Add(1)
		go func() {
			defer wg.Done()
			if check(n) != nil {
				return
			}
		}()
	}
	wg.Wait()
}

// A Page makes its title once.
type Page struct {
	once  sync.Once
	title string
}

// Title returns it.
func (p *Page) Title(begins func(*Page)) string {
	p.once.Do(func() { begins(p) }) // blocked: 72
	return p.title
}

// LeakyBegin asks for the title that it makes.
func LeakyBegin(p *Page) { p.title = p.Title(LeakyBegin) + "!" }

// FixedBegin does not.
func FixedBegin(p *Page) { p.title = "!" }

// Show shows the title.
func (p *Page) Show(begins func(*Page)) {
	go p.Title(begins) // started: 72
}

// A Door is locked by who takes a ticket, until that is given back.
type Door struct {
	mu sync.Mutex
}

// A Ticket is for a locked door.
type Ticket struct {
	door *Door
}

// Take locks the door for the caller.
func (d *Door) Take() Ticket {
	d.mu.Lock()
	return Ticket{d}
}

// Visit takes a ticket, and gives it back.
func (d *Door) Visit() {
	d.mu.Lock() // blocked: 73
	defer d.mu.Unlock()
}

// LeakyTour gives back one of its two tickets.
func LeakyTour(one, two *Door) {
	first := one.Take()
	second := two.Take()
	go one.Visit() // started: 73
	second.door.mu.Unlock()
	_ = first
}

// FixedTour gives back both.
func FixedTour(one, two *Door) {
	first := one.Take()
	second := two.Take()
	go one.Visit()
	second.door.mu.Unlock()
	first.door.mu.Unlock()
}

// A Desk serves clients, and is closed when all have gone.
type Desk struct {
	mu      sync.Mutex
	left    *sync.Cond
	clients int
}

// NewDesk returns a desk.
func NewDesk() *Desk {
	d := &Desk{}
	d.left = sync.NewCond(&d.mu)
	return d
}

// Serve serves a client until it has no more questions.
func (d *Desk) Serve(questions <-chan string) {
	d.mu.Lock()
	d.clients++
	d.mu.Unlock()
	go d.answer(questions) // started: 74a
}

func (d *Desk) answer(questions <-chan string) {
	defer func() {
		d.mu.Lock()
		d.clients--
		d.left.Broadcast()
		d.mu.Unlock()
	}()
	for range questions { // blocked: 74a
	}
}

// Drain waits until no client is left.
func (d *Desk) Drain() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.clients > 0 {
		d.left.Wait() // blocked: 74b
	}
}

// LeakyDay closes the desk while a client could still ask.
func LeakyDay(d *Desk) {
	questions := make(chan string)
	d.Serve(questions)
	go d.Drain() // started: 74b
}

// FixedDay lets it go first.
func FixedDay(d *Desk) {
	questions := make(chan string)
	d.Serve(questions)
	close(questions)
	d.Drain()
}
