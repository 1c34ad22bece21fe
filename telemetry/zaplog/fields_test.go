package zaplog_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// everything appends one element of every kind.
type everything struct{}

func (everything) MarshalLogArray(a zapcore.ArrayEncoder) error {
	a.AppendBool(true)
	a.AppendByteString([]byte("bytes"))
	a.AppendDuration(1500 * time.Millisecond)
	a.AppendFloat64(0.25)
	a.AppendFloat32(0.1)
	a.AppendInt(-1)
	a.AppendInt64(-2)
	a.AppendInt32(-3)
	a.AppendInt16(-4)
	a.AppendInt8(-5)
	a.AppendUint(1)
	a.AppendUint64(2)
	a.AppendUint32(3)
	a.AppendUint16(4)
	a.AppendUint8(5)
	a.AppendUintptr(6)
	a.AppendString("text")
	if err := a.AppendReflected(map[string]any{"a": []any{1, nil, true, "x"}}); err != nil {
		return err
	}
	if err := a.AppendArray(zapcore.ArrayMarshalerFunc(func(zapcore.ArrayEncoder) error { return nil })); err != nil {
		return err
	}
	return a.AppendObject(zap.DictObject(zap.Int("n", 1)))
}

// zap's own JSON encoder is the judge of how fields look.
func TestFieldsLookLikeZaps(t *testing.T) {
	fields := []zap.Field{
		zap.Bool("bool", true), zap.ByteString("bytes", []byte("b")), zap.Binary("binary", []byte{1}), zap.Duration("duration", time.Second),
		zap.Float64("float64", 1234.5), zap.Float32("float32", 0.1), zap.Int("int", -1), zap.Int64("int64", -1<<63), zap.Int32("int32", 3), zap.Int16("int16", 4),
		zap.Int8("int8", 5), zap.Uint("uint", 1), zap.Uint64("uint64", 1<<64-1), zap.Uint32("uint32", 3), zap.Uint16("uint16", 4), zap.Uint8("uint8", 5),
		zap.Uintptr("uintptr", 6), zap.String("text", "a\"\\\n\t\x00한"), zap.Stringer("stringer", time.Second), zap.Array("array", everything{}),
		zap.Times("times", nil), zap.Durations("durations", []time.Duration{time.Millisecond}), zap.Object("object", zap.DictObject(zap.Namespace("in"), zap.Int("n", 1))),
		zap.Any("any", map[string]any{"list": []int{1, 2}, "none": nil, "large": json.Number("12345678901234567890")}), zap.Inline(zap.DictObject(zap.Int("inlined", 1))),
		zap.Namespace("namespace"), zap.Int("last", 1),
	}
	cfg := zapcore.EncoderConfig{EncodeDuration: zapcore.SecondsDurationEncoder}
	want, err := zapcore.NewJSONEncoder(cfg).EncodeEntry(zapcore.Entry{}, fields)
	if err != nil {
		t.Fatal(err)
	}
	for name, log := range map[string]func(*zap.Logger){
		"in the call": func(l *zap.Logger) { l.Info("m", fields...) },
		"in With":     func(l *zap.Logger) { l.With(fields...).Info("m") },
	} {
		t.Run(name, func(t *testing.T) {
			line, _ := loggedOne(t, func(p *zaplog.Pipeline) { log(p.Logger().WithOptions(zap.WithCaller(false))) })
			_, got, _ := strings.Cut(line, `"version":"1.4.0",`)
			if diff := cmp.Diff(members(t, want.String()), members(t, "{"+got)); diff != "" {
				t.Errorf("(-zap +zaplog):\n%s", diff)
			}
		})
	}
}

// members decodes an object without rounding its numbers.
func members(t *testing.T, object string) map[string]any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(object))
	dec.UseNumber()
	var got map[string]any
	if err := dec.Decode(&got); err != nil {
		t.Fatalf("%v in %s", err, object)
	}
	return got
}
