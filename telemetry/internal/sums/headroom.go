package sums

import (
	"math"
	"sync/atomic"
)

// Max is the largest float that is added: a sum of as many of them as an uint64
// counts is still finite.
const Max = 1e288

// Half of the int64 is for numbers that are small, which are not counted: 2^42
// of them, a million a second for fifty days, all of them this large.
const (
	small = 1 << 20
	most  = 1 << 62
)

// Headroom is what the sums of one instrument may still take. It counts amounts
// and not the sums themselves, of which there is one for each series and reader:
// amounts that cancel out use it up as well. It is safe for concurrent use; its
// zero value is that of an instrument without a value.
type Headroom struct {
	// used is the total of the absolute values of what is not small.
	used atomic.Int64
}

// Int reports whether n may be added.
func (h *Headroom) Int(n int64) bool {
	if -small < n && n < small {
		return true
	}
	if n < 0 {
		n = -max(n, -math.MaxInt64)
	}
	for {
		used := h.used.Load()
		if n > most-used {
			return false
		}
		if h.used.CompareAndSwap(used, used+n) {
			return true
		}
	}
}

// Float reports whether v may be added.
func (h *Headroom) Float(v float64) bool {
	size := math.Abs(v)
	if size < small {
		return true
	}
	// What is not whole, or larger than an int64, the SDK adds up as a float.
	if size > 1<<63 || size != math.Trunc(size) {
		return size <= Max // NaN is not
	}
	return h.Int(int64(min(size, 1<<63-1024)))
}
