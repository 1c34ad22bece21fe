package zaplog

import (
	"encoding/base64"
	"strconv"
	"time"

	"go.uber.org/zap/zapcore"
)

// The methods below make the encoder zap's object and array encoder. Booleans,
// durations and times are no secrets whatever their key says.

var (
	_ zapcore.ObjectEncoder = (*encoder)(nil)
	_ zapcore.ArrayEncoder  = (*encoder)(nil)
)

func (e *encoder) AddArray(k string, v zapcore.ArrayMarshaler) error {
	if !e.key(k) {
		return nil
	}
	return e.array(v)
}

func (e *encoder) AddObject(k string, v zapcore.ObjectMarshaler) error {
	if !e.key(k) {
		return nil
	}
	return e.object(v)
}

func (e *encoder) AddReflected(k string, v any) error {
	if e.hidden || Sensitive(k) {
		e.key(k)
		return nil
	}
	return e.reflected(v, func() bool { return e.key(k) })
}

func (e *encoder) AddString(k, v string) {
	switch {
	case k == "errorVerbose": // repeats the error, with its stack
	case !e.key(k):
	case k == "error":
		e.errorText(v)
	default:
		e.text(v)
	}
}

func (e *encoder) AddBinary(k string, v []byte) {
	if e.key(k) {
		e.binary(v)
	}
}

func (e *encoder) AddByteString(k string, v []byte) {
	if e.key(k) {
		e.byteString(v)
	}
}

func (e *encoder) AddBool(k string, v bool) {
	if e.name(k) {
		e.buf = strconv.AppendBool(e.buf, v)
	}
}

func (e *encoder) AddDuration(k string, v time.Duration) {
	if e.name(k) {
		e.number(v.Seconds(), 64)
	}
}

func (e *encoder) AddTime(k string, v time.Time) {
	if e.name(k) {
		e.buf = appendTime(e.buf, v)
	}
}

func (e *encoder) AddInt64(k string, v int64) {
	if e.key(k) {
		e.buf = strconv.AppendInt(e.buf, v, 10)
	}
}

func (e *encoder) AddUint64(k string, v uint64) {
	if e.key(k) {
		e.buf = strconv.AppendUint(e.buf, v, 10)
	}
}

func (e *encoder) AddFloat64(k string, v float64) {
	if e.key(k) {
		e.number(v, 64)
	}
}

func (e *encoder) AddFloat32(k string, v float32) {
	if e.key(k) {
		e.number(float64(v), 32)
	}
}

func (e *encoder) AddComplex128(k string, v complex128) {
	if e.key(k) {
		e.complex(v, 128)
	}
}

func (e *encoder) AddComplex64(k string, v complex64) {
	if e.key(k) {
		e.complex(complex128(v), 64)
	}
}

func (e *encoder) OpenNamespace(k string) {
	if e.depth == 0 {
		e.pending = append(e.pending, cleanKey(k))
	} else if e.name(k) {
		e.hidden = e.hidden || Sensitive(k)
		e.buf = append(e.buf, '{')
		e.nested++
		e.scope = len(e.members)
	}
}

func (e *encoder) AddInt(k string, v int)         { e.AddInt64(k, int64(v)) }
func (e *encoder) AddInt32(k string, v int32)     { e.AddInt64(k, int64(v)) }
func (e *encoder) AddInt16(k string, v int16)     { e.AddInt64(k, int64(v)) }
func (e *encoder) AddInt8(k string, v int8)       { e.AddInt64(k, int64(v)) }
func (e *encoder) AddUint(k string, v uint)       { e.AddUint64(k, uint64(v)) }
func (e *encoder) AddUint32(k string, v uint32)   { e.AddUint64(k, uint64(v)) }
func (e *encoder) AddUint16(k string, v uint16)   { e.AddUint64(k, uint64(v)) }
func (e *encoder) AddUint8(k string, v uint8)     { e.AddUint64(k, uint64(v)) }
func (e *encoder) AddUintptr(k string, v uintptr) { e.AddUint64(k, uint64(v)) }

// element begins an element of an array, if there is room for it.
func (e *encoder) element() bool {
	if e.over() {
		return false
	}
	e.separate()
	return true
}

func (e *encoder) AppendArray(v zapcore.ArrayMarshaler) error {
	if !e.element() {
		return nil
	}
	return e.array(v)
}

func (e *encoder) AppendObject(v zapcore.ObjectMarshaler) error {
	if !e.element() {
		return nil
	}
	return e.object(v)
}

func (e *encoder) AppendReflected(v any) error { return e.reflected(v, e.element) }

func (e *encoder) AppendString(v string) {
	if e.element() {
		e.text(v)
	}
}

func (e *encoder) AppendByteString(v []byte) {
	if e.element() {
		e.byteString(v)
	}
}

func (e *encoder) AppendBool(v bool) {
	if e.element() {
		e.buf = strconv.AppendBool(e.buf, v)
	}
}

func (e *encoder) AppendDuration(v time.Duration) { e.AppendFloat64(v.Seconds()) }

func (e *encoder) AppendTime(v time.Time) {
	if e.element() {
		e.buf = appendTime(e.buf, v)
	}
}

func (e *encoder) AppendInt64(v int64) {
	if e.element() {
		e.buf = strconv.AppendInt(e.buf, v, 10)
	}
}

func (e *encoder) AppendUint64(v uint64) {
	if e.element() {
		e.buf = strconv.AppendUint(e.buf, v, 10)
	}
}

func (e *encoder) AppendFloat64(v float64) {
	if e.element() {
		e.buf = appendFloat(e.buf, v, 64)
	}
}

func (e *encoder) AppendFloat32(v float32) {
	if e.element() {
		e.buf = appendFloat(e.buf, float64(v), 32)
	}
}

func (e *encoder) AppendComplex128(v complex128) {
	if e.element() {
		e.complex(v, 128)
	}
}

func (e *encoder) AppendComplex64(v complex64) {
	if e.element() {
		e.complex(complex128(v), 64)
	}
}

func (e *encoder) AppendInt(v int)         { e.AppendInt64(int64(v)) }
func (e *encoder) AppendInt32(v int32)     { e.AppendInt64(int64(v)) }
func (e *encoder) AppendInt16(v int16)     { e.AppendInt64(int64(v)) }
func (e *encoder) AppendInt8(v int8)       { e.AppendInt64(int64(v)) }
func (e *encoder) AppendUint(v uint)       { e.AppendUint64(uint64(v)) }
func (e *encoder) AppendUint32(v uint32)   { e.AppendUint64(uint64(v)) }
func (e *encoder) AppendUint16(v uint16)   { e.AppendUint64(uint64(v)) }
func (e *encoder) AppendUint8(v uint8)     { e.AppendUint64(uint64(v)) }
func (e *encoder) AppendUintptr(v uintptr) { e.AppendUint64(uint64(v)) }

func (e *encoder) array(v zapcore.ArrayMarshaler) error {
	before, ok := e.enter('[')
	if !ok {
		return nil
	}
	err := v.MarshalLogArray(e)
	e.leave(']', before)
	return err
}

func (e *encoder) object(v zapcore.ObjectMarshaler) error {
	before, ok := e.enter('{')
	if !ok {
		return nil
	}
	err := v.MarshalLogObject(e)
	e.leave('}', before)
	return err
}

func (e *encoder) binary(v []byte) {
	// They may be a text: zap.Any makes a request's body binary. Three bytes become
	// four characters.
	e.text(base64.StdEncoding.EncodeToString([]byte(mask(string(v[:min(len(v), maxString)]), false))))
}

func (e *encoder) byteString(v []byte) {
	e.text(string(v[:min(len(v), maxText)]))
}

// number writes a float as the value of a member.
func (e *encoder) number(v float64, bits int) {
	e.buf = appendFloat(e.buf, v, bits)
	if e.depth == 0 {
		e.members[len(e.members)-1].kind = float
	}
}

func (e *encoder) complex(v complex128, bits int) {
	e.buf = appendQuoted(e.buf, strconv.FormatComplex(v, 'g', -1, bits))
}
