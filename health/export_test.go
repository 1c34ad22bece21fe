package health

import "time"

// WithWallClock replaces the clock that timestamps show, so that a test can set it back.
func WithWallClock(now func() time.Time) Part {
	return partFunc(func(cfg *config) { cfg.wall = now })
}
