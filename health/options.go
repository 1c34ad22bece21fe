package health

import (
	"fmt"
	"log/slog"
	"regexp"
	"time"
)

// Part is what a [Checker] is made of: a [Check], or what [WithLogger], [WithPrefix] and
// [WithoutDetails] return.
type Part interface {
	apply(*config)
}

type config struct {
	checks      []Check
	logger      func() *slog.Logger
	prefix      string
	hideDetails bool
	wall        func() time.Time // what timestamps show; ages never use it
}

type partFunc func(*config)

func (f partFunc) apply(cfg *config) { f(cfg) }

// WithLogger sets where the changes of a check's status are logged, with the text of the
// error. The default is slog.Default() at the time of the change.
func WithLogger(l *slog.Logger) Part {
	return partFunc(func(cfg *config) {
		if l != nil {
			cfg.logger = func() *slog.Logger { return l }
		}
	})
}

// WithPrefix sets the path in front of every handler, for [Checker.Mount] and
// [Checker.Handler]. The default is "/health".
func WithPrefix(path string) Part {
	return partFunc(func(cfg *config) { cfg.prefix = path })
}

// WithoutDetails leaves the detailed path, which shows the host's name and its load, out
// of [Checker.Mount] and [Checker.Handler]. Serve [Checker.Details] on an internal
// listener in its place.
func WithoutDetails() Part {
	return partFunc(func(cfg *config) { cfg.hideDetails = true })
}

// A prefix holds nothing that a ServeMux pattern would give a meaning to.
var validPrefix = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)

func (cfg *config) validatePrefix() error {
	if validPrefix.MatchString(cfg.prefix) {
		return nil
	}
	return fmt.Errorf("prefix %q: must be a path such as /health, without a slash at its end", cfg.prefix)
}
