package traffic

import "sync"

// maxKnown bounds each list; the oldest is forgotten first.
const maxKnown = 256

// lessons are the bookings that the generator has made, by what can be done with
// them next. A booking that a request is working on is in none of the lists.
type lessons struct {
	mu       sync.Mutex
	pending  ids // to be approved or rejected
	approved ids // to be paid for
	paid     ids // to be held
	held     ids // to be reviewed
	recent   ids // to be looked at
}

// ids is a bounded list of booking ids, the oldest first.
type ids []int64

func (l *ids) push(id int64) {
	if len(*l) == maxKnown {
		*l = append((*l)[:0], (*l)[1:]...)
	}
	*l = append(*l, id)
}

// put adds a booking to a list.
func (l *lessons) put(list *ids, id int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list.push(id)
}

// take removes the oldest booking from the first list that has one.
func (l *lessons) take(lists ...*ids) (id int64, from *ids) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, list := range lists {
		if len(*list) > 0 {
			id := (*list)[0]
			*list = append((*list)[:0], (*list)[1:]...)
			return id, list
		}
	}
	return 0, nil
}

// look returns the booking at a place of the list, which stays there; at may be
// any number of 0 or more.
func (l *lessons) look(list *ids, at int) (int64, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(*list) == 0 {
		return 0, false
	}
	return (*list)[at%len(*list)], true
}
