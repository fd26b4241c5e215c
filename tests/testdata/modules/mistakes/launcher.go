package mistakes

// spawn starts what it is given: who calls it twice has two reasons.
func spawn(f func()) { go f() }

// Cache is swept until Close.
type Cache struct{ quit chan struct{} }

//go:noinline
func NewCache() *Cache {
	c := &Cache{quit: make(chan struct{})}
	spawn(c.sweep)
	return c
}

func (c *Cache) sweep() { <-c.quit }

func (c *Cache) Close() { close(c.quit) }

// Queue does jobs until Stop.
type Queue struct{ jobs chan int }

//go:noinline
func NewQueue() *Queue {
	q := &Queue{jobs: make(chan int)}
	spawn(q.work)
	return q
}

func (q *Queue) work() {
	for range q.jobs {
	}
}

func (q *Queue) Stop() { close(q.jobs) }
