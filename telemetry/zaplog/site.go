package zaplog

import (
	"runtime"
	"strings"

	"go.uber.org/zap/zapcore"
)

// maxFrames bounds the search for a call site; the stack of an HTTP call through
// a few middlewares is half as deep.
const maxFrames = 64

// callSite is the innermost frame of the program itself: beyond the SDK, and
// beyond the layers through which a transport is called.
func callSite() zapcore.EntryCaller {
	return site(func(function string) bool { return !library(function) })
}

// panicSite is the frame that panicked, for a deferred function that recovers.
func panicSite() zapcore.EntryCaller {
	panicked := false
	return site(func(function string) bool {
		panicked = panicked || function == "runtime.gopanic"
		return panicked && !strings.HasPrefix(function, "runtime.")
	})
}

func site(found func(function string) bool) zapcore.EntryCaller {
	var counters [maxFrames]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(3, counters[:])])
	for {
		frame, more := frames.Next()
		if frame.Function != "" && found(frame.Function) {
			return zapcore.EntryCaller{Defined: true, PC: frame.PC, File: frame.File, Line: frame.Line, Function: frame.Function}
		}
		if !more {
			return zapcore.EntryCaller{}
		}
	}
}

func library(function string) bool {
	if strings.Contains(function, "_test.") {
		return false
	}
	for _, prefix := range []string{"github.com/tutorflow/observability/telemetry.", "github.com/tutorflow/observability/telemetry/", "go.opentelemetry.io/", "net/http.", "runtime."} {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}
