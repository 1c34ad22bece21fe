package zaplog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// The bounds of overrides.
const (
	maxOverrides = 100
	maxLogger    = 128
	maxExpiry    = 24 * time.Hour
)

// Levels sets the level of single loggers for a while, as an operator does
// during an incident. An override holds for the logger of its name and for
// those below it, as tutorflow is above tutorflow.request; of several the
// longest name counts. All loggers obey at once, those made before included.
// All methods are safe for concurrent use.
type Levels struct {
	base zap.AtomicLevel
	// named is nil without an override of a named logger.
	named atomic.Pointer[namedLevels]
	hook  func(level LoggerLevel, expired bool)

	mu        sync.Mutex
	overrides map[string]*override
	closed    bool
	telling   int           // expired overrides whose hook is running
	told      chan struct{} // closed when closed is set and telling is 0
}

// A LoggerLevel is the level of a logger and of those below it.
type LoggerLevel struct {
	Logger string // "" for the pipeline's own level
	Level  zapcore.Level
	Until  time.Time // when it reverts; zero if it stays
}

// override is known by its address: its timer may fire when another one has
// taken its place.
type override struct {
	level  zapcore.Level
	before zapcore.Level // of the pipeline, if the override is for ""
	until  time.Time
	timer  *time.Timer
}

// namedLevels is what the logging goroutines read. It does not change.
type namedLevels struct {
	lowest zapcore.Level
	levels map[string]zapcore.Level
}

// WithLevelHook has hook called after each change that Levels made, to log and
// to count it. The time in its argument is zero if an override ended, by itself,
// which expired tells, or through Revert, and the level is then the one that
// holds instead. The hook runs in the goroutine of the change and should return
// soon.
func WithLevelHook(hook func(level LoggerLevel, expired bool)) Option {
	return optionFunc(func(p *Pipeline) { p.levels.hook = hook })
}

func newLevels(base zap.AtomicLevel) *Levels {
	return &Levels{base: base, overrides: make(map[string]*override), told: make(chan struct{})}
}

// Set gives logger a level that reverts by itself after expiry, which is at
// most 24 hours, to what would hold without any override of it. Set again, the
// new level and the new expiry replace the old ones.
//
// The logger "" stands for the pipeline's own level and is set through
// Pipeline.Level. If the program itself changes that one meanwhile, its change
// stays.
func (l *Levels) Set(logger string, level zapcore.Level, expiry time.Duration) error {
	if err := checkOverride(logger, level, expiry); err != nil {
		return err
	}
	l.mu.Lock()
	old := l.overrides[logger]
	switch {
	case l.closed:
		l.mu.Unlock()
		return errors.New("set log level: the log is shut down")
	case old != nil:
		old.timer.Stop()
	case len(l.overrides) >= maxOverrides:
		l.mu.Unlock()
		return fmt.Errorf("set log level of %q: %d loggers have one set already, which is what is allowed", logger, maxOverrides)
	}
	o := &override{level: level, until: time.Now().Add(expiry)}
	if logger == "" {
		o.before = l.base.Level()
		if old != nil && o.before == old.level {
			o.before = old.before
		}
		l.base.SetLevel(level)
	}
	l.overrides[logger] = o
	o.timer = time.AfterFunc(expiry, func() { l.expire(logger, o) })
	l.publish()
	l.mu.Unlock()
	l.tell(LoggerLevel{logger, level, o.until}, false)
	return nil
}

func checkOverride(logger string, level zapcore.Level, expiry time.Duration) error {
	var errs []error
	if len(logger) > maxLogger || strings.ContainsFunc(logger, func(r rune) bool {
		return (r|0x20 < 'a' || r|0x20 > 'z') && (r < '-' || r > '9') && r != '_' // - . / and the digits are neighbours
	}) {
		errs = append(errs, fmt.Errorf("set log level: logger is %q, allowed are up to %d characters of A-Z a-z 0-9 . _ / -", cut(logger, 32), maxLogger))
	}
	if level < zapcore.DebugLevel || level > zapcore.ErrorLevel {
		errs = append(errs, fmt.Errorf("set log level: level is %q, allowed are debug, info, warn and error", level))
	}
	if expiry <= 0 || expiry > maxExpiry {
		errs = append(errs, fmt.Errorf("set log level: expiry is %v, allowed is more than 0s and at most %v", expiry, maxExpiry))
	}
	return errors.Join(errs...)
}

// Revert ends the override of logger before its time. It reports whether there
// was one.
func (l *Levels) Revert(logger string) bool {
	l.mu.Lock()
	o := l.overrides[logger]
	if o == nil || l.closed {
		l.mu.Unlock()
		return false
	}
	o.timer.Stop()
	now := l.end(logger, o)
	l.mu.Unlock()
	l.tell(now, false)
	return true
}

// expire is what the timer of o does.
func (l *Levels) expire(logger string, o *override) {
	l.mu.Lock()
	if l.overrides[logger] != o || l.closed {
		l.mu.Unlock()
		return
	}
	now := l.end(logger, o)
	l.telling++
	l.mu.Unlock()
	l.tell(now, true)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.telling--
	if l.closed && l.telling == 0 {
		close(l.told)
	}
}

// end removes o, under l.mu, and returns what holds instead.
func (l *Levels) end(logger string, o *override) LoggerLevel {
	if logger == "" && l.base.Level() == o.level {
		l.base.SetLevel(o.before)
	}
	delete(l.overrides, logger)
	l.publish()
	return LoggerLevel{Logger: logger, Level: l.level(logger)}
}

// publish must run under l.mu.
func (l *Levels) publish() {
	table := &namedLevels{lowest: zapcore.InvalidLevel, levels: make(map[string]zapcore.Level, len(l.overrides))}
	for logger, o := range l.overrides {
		if logger != "" {
			table.levels[logger] = o.level
			table.lowest = min(table.lowest, o.level)
		}
	}
	if len(table.levels) == 0 {
		table = nil
	}
	l.named.Store(table)
}

func (l *Levels) tell(change LoggerLevel, expired bool) {
	if l.hook == nil {
		return
	}
	defer func() { _ = recover() }() // in a timer's goroutine it would end the process
	l.hook(change, expired)
}

// List returns the pipeline's own level and then the overrides of named
// loggers, ordered by name.
func (l *Levels) List() []LoggerLevel {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := []LoggerLevel{{Level: l.base.Level()}}
	for _, logger := range slices.Sorted(maps.Keys(l.overrides)) {
		o := l.overrides[logger]
		if logger != "" {
			list = append(list, LoggerLevel{logger, o.level, o.until})
		} else if o.level == list[0].Level {
			list[0].Until = o.until
		}
	}
	return list
}

// level returns the level that holds for logger.
func (l *Levels) level(logger string) zapcore.Level {
	if table := l.named.Load(); table != nil {
		for {
			if level, ok := table.levels[logger]; ok {
				return level
			}
			dot := strings.LastIndexByte(logger, '.')
			if dot < 0 {
				break
			}
			logger = logger[:dot]
		}
	}
	return l.base.Level()
}

// enabled reports whether a line of logger is written.
func (l *Levels) enabled(logger string, level zapcore.Level) bool {
	if l.named.Load() == nil {
		return l.base.Enabled(level)
	}
	if logger == "" {
		logger = rootName // as the line will say
	}
	return level >= l.level(logger)
}

// possible reports whether a line of any logger could be written.
func (l *Levels) possible(level zapcore.Level) bool {
	table := l.named.Load()
	return l.base.Enabled(level) || table != nil && level >= table.lowest
}

// close stops all timers and waits, until ctx ends, for the hooks of overrides
// that have expired. The levels stay as they are.
func (l *Levels) close(ctx context.Context) {
	l.mu.Lock()
	l.closed = true
	for _, o := range l.overrides {
		o.timer.Stop()
	}
	if l.telling == 0 {
		close(l.told)
	}
	l.mu.Unlock()
	select {
	case <-l.told:
	case <-ctx.Done():
	}
}
