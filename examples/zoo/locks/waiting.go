package locks

import "sync"

// LeakyUpload calls done when every part is up; a part that is empty never says that it is.
func LeakyUpload(parts []string, done func()) {
	var uploading sync.WaitGroup
	for _, part := range parts {
		uploading.Add(1)
		go func(part string) {
			if part == "" {
				return
			}
			uploading.Done()
		}(part)
	}
	go func() { // started: 22
		uploading.Wait() // blocked: 22
		done()
	}()
}

// FixedUpload says so on every path.
func FixedUpload(parts []string, done func()) {
	var uploading sync.WaitGroup
	for _, part := range parts {
		uploading.Add(1)
		go func(part string) {
			defer uploading.Done()
			if part == "" {
				return
			}
		}(part)
	}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		uploading.Wait()
		done()
	}()
	<-finished
}

// A Mailbox wakes its reader through a condition.
type Mailbox struct {
	arrived *sync.Cond
	mail    []string
}

// NewMailbox makes an empty one.
func NewMailbox() *Mailbox {
	return &Mailbox{arrived: sync.NewCond(new(sync.Mutex))}
}

// Read waits for mail.
func (m *Mailbox) Read() string {
	m.arrived.L.Lock()
	defer m.arrived.L.Unlock()
	for len(m.mail) == 0 {
		m.arrived.Wait() // blocked: 23
	}
	first := m.mail[0]
	m.mail = m.mail[1:]
	return first
}

// Put adds mail and wakes a reader.
func (m *Mailbox) Put(letter string) {
	m.arrived.L.Lock()
	defer m.arrived.L.Unlock()
	m.mail = append(m.mail, letter)
	m.arrived.Signal()
}

// ReadLater reads in the background.
func (m *Mailbox) ReadLater(read func(string)) *sync.WaitGroup {
	var reading sync.WaitGroup
	reading.Add(1)
	go func() { // started: 23
		defer reading.Done()
		read(m.Read())
	}()
	return &reading
}
