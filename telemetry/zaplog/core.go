package zaplog

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap/zapcore"
)

// core is the zapcore.Core behind every logger of a pipeline.
type core struct {
	levels  *Levels
	queue   *queue
	tee     *tee
	local   bool            // its lines do not go to the tee
	service []byte          // the service's members, encoded
	ctx     context.Context // of the last Context field given to With
	fields  []zapcore.Field // of With: kept apart, so that standard fields come first
}

func serviceFields(cfg Config) []byte {
	var buf []byte
	for _, f := range [...][2]string{{"app", cfg.App}, {"environment", cfg.Environment}, {"version", cfg.Version}} {
		buf = append(append(append(buf, `,"`...), f[0]...), `":`...)
		buf = appendQuoted(buf, cut(f[1], 256))
	}
	return buf
}

// Enabled is asked before the name of the logger is known; Check decides.
func (c *core) Enabled(level zapcore.Level) bool { return c.levels.possible(level) }

func (c *core) Check(ent zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.levels.enabled(ent.LoggerName, ent.Level) {
		return ce.AddCore(ent, c)
	}
	return ce
}

// With evaluates the fields that may change later, as zap promises.
func (c *core) With(fields []zapcore.Field) zapcore.Core {
	child := *c
	child.fields = slices.Clip(child.fields)
	for i := range fields {
		if ctx := contextOf(&fields[i]); ctx != nil {
			child.ctx = ctx
			continue
		}
		switch fields[i].Type {
		case zapcore.SkipType:
		case zapcore.ArrayMarshalerType, zapcore.ObjectMarshalerType, zapcore.InlineMarshalerType, zapcore.BinaryType,
			zapcore.ByteStringType, zapcore.ReflectType, zapcore.StringerType:
			child.fields = append(child.fields, freeze(&fields[i])...)
		default:
			child.fields = append(child.fields, fields[i])
		}
	}
	return &child
}

// freeze encodes a field now. An inlined one may give any number of them.
func freeze(f *zapcore.Field) []zapcore.Field {
	e := newEncoder()
	defer e.free()
	e.plain = true
	e.buf = append(e.buf, '{')
	e.add(f)
	e.trim()
	if e.spaces > 0 || len(e.pending) > 0 { // it opens a namespace for what follows
		return []zapcore.Field{*f}
	}
	fields := make([]zapcore.Field, len(e.members))
	for i, m := range e.members {
		end := len(e.buf)
		if i+1 < len(e.members) {
			end = e.members[i+1].start
		}
		fields[i] = zapcore.Field{Key: m.key, Type: zapcore.ReflectType, Interface: frozen(e.buf[m.value:end])}
	}
	return fields
}

// Write never fails: what is lost is counted.
func (c *core) Write(ent zapcore.Entry, fields []zapcore.Field) error {
	ctx := c.ctx
	for i := range fields {
		if found := contextOf(&fields[i]); found != nil {
			ctx = found
		}
	}
	e := newEncoder()
	defer e.free()
	if ent.Time.IsZero() {
		ent.Time = time.Now()
	}
	e.head(ent.Time, ent.Level, ent.LoggerName, ent.Message)
	e.caller(&ent.Caller)
	e.buf = append(e.buf, c.service...)
	e.context(ctx)
	for i := range c.fields {
		e.add(&c.fields[i])
	}
	for i := range fields {
		e.add(&fields[i])
	}
	if ent.Stack != "" {
		e.AddString("stack", ent.Stack)
	}
	e.finish()
	c.queue.add(e.buf, ent.Level >= zapcore.WarnLevel)
	if second := c.tee.Load(); second != nil {
		c.send(ctx, *second, ent, e)
	}
	if ent.Level > zapcore.ErrorLevel {
		_ = c.queue.flushBriefly() // the process may be about to end
	}
	return nil
}

// Sync waits up to one second for the queued lines.
func (c *core) Sync() error { return c.queue.flushBriefly() }
