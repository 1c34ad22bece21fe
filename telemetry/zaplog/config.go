package zaplog

import (
	"fmt"
	"strings"

	"go.uber.org/zap/zapcore"
)

// Config is the data of a pipeline: what a deployer sets. The zero value logs
// at INFO with empty service fields.
type Config struct {
	// Level is the lowest level written: debug, info, warn or error, in any
	// case. Empty means info. It can be changed later through Pipeline.Level.
	Level string
	// App, Environment and Version are written on every line under their
	// lower-case names, empty or not. Each is cut to 256 bytes.
	App, Environment, Version string
}

// An Option supplies what only code can.
type Option interface{ apply(*Pipeline) }

type optionFunc func(*Pipeline)

func (f optionFunc) apply(p *Pipeline) { f(p) }

// WithClock replaces the system clock as the source of every timestamp but
// those of log/slog records, which bring their own.
func WithClock(clock zapcore.Clock) Option {
	return optionFunc(func(p *Pipeline) { p.clock = clock })
}

func parseLevel(s string) (zapcore.Level, error) {
	switch strings.ToLower(s) {
	case "debug":
		return zapcore.DebugLevel, nil
	case "", "info":
		return zapcore.InfoLevel, nil
	case "warn":
		return zapcore.WarnLevel, nil
	case "error":
		return zapcore.ErrorLevel, nil
	}
	return 0, fmt.Errorf("read log configuration: level is %q, allowed are debug, info, warn and error", cut(s, 32))
}
