package catalog

import (
	"sync"
	"time"
)

// The sources of one collection may hold it up for two thirds of the 9 s after
// which a scrape is given up. Each may take a part of what is left, so that
// those that come after many that hang have some, too.
const (
	collectionTimeout = collectionParts * SourceTimeout
	collectionParts   = 6
)

// budget is the time that sources may take. Collections of several readers that
// run at once share it; each that begins gives it its full length again.
type budget struct {
	mu    sync.Mutex
	until time.Time
}

// begin is called by the first callback of each collection.
func (b *budget) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until = time.Now().Add(collectionTimeout)
}

// share is how long the next source may take: SourceTimeout at the most, and
// nothing when the time is used up.
func (b *budget) share() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until.IsZero() {
		return SourceTimeout
	}
	return time.Until(b.until) / collectionParts
}
