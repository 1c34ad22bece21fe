package zaplog

import (
	"context"
	"log/slog"
	"math"

	"go.uber.org/zap/exp/zapslog"
)

// SlogHandler returns a handler that writes log/slog records to the pipeline as
// the logger tutorflow, with the call site of the record and the ids of the
// context that the call was given.
func (p *Pipeline) SlogHandler() slog.Handler {
	return slogHandler{zapslog.NewHandler(p.core, zapslog.WithName(rootName), zapslog.WithCaller(true),
		zapslog.AddStacktraceAt(math.MaxInt))}
}

// slogHandler hands the context on to the core, which zapslog does not.
type slogHandler struct{ slog.Handler }

func (h slogHandler) Handle(ctx context.Context, r slog.Record) error {
	if ctx != nil && ctx != context.Background() {
		r = r.Clone()
		r.AddAttrs(slog.Any("context", ctx))
	}
	return h.Handler.Handle(ctx, r)
}

func (h slogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return slogHandler{h.Handler.WithAttrs(attrs)}
}

func (h slogHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return slogHandler{h.Handler.WithGroup(name)}
}
