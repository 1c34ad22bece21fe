package zaplog

import (
	"slices"
	"sync"
	"unicode/utf8"

	"go.opentelemetry.io/otel/trace"
)

// The bounds of a line, so that no value can make one that a log shipper
// refuses or that fills the queue alone.
const (
	maxLine    = 64 << 10
	maxFields  = maxLine - 1<<10 // leaves room for what finish adds
	maxString  = 8 << 10
	maxKey     = 128
	maxID      = 128
	maxRoute   = 1 << 10
	maxMembers = 512
	maxDepth   = 32
	truncated  = "[TRUNCATED]"
)

// An encoder builds one line. It is zap's object and array encoder for the
// fields of that line, and differs from zap's own JSON encoder in that it never
// writes a key twice, redacts and bounds what it writes, and can take back a
// field that panicked or grew too long.
type encoder struct {
	buf []byte
	// members are the keys written so far, those of nested objects only while they
	// are open. Those from scope on belong to the innermost open object, namespace
	// or the line itself.
	members []member
	scope   int
	outer   frame    // what holds outside all nested objects and arrays
	spaces  int      // open namespaces
	pending []string // namespaces to open when they get a first member
	started int      // members ever started: tells whether a field began one
	depth   int      // nested objects and arrays that are open
	nested  int      // namespaces that are open in the innermost nested object
	hidden  bool     // inside a namespace whose name is a secret's
	cut     bool     // something was left out
	plain   bool     // reserved keys are not renamed

	// What a tee needs besides the members.
	logger, message [2]int // offsets of the values
	end             int    // offset behind the last member
	span            trace.SpanContext
}

// A frame is what holds again when a nested object or array ends.
type frame struct {
	scope, members, nested int
	hidden                 bool
}

type member struct {
	key          string
	start, value int // offsets of its first byte, a comma included, and of its value
	kind         kind
}

// kind tells what the text of a value does not.
type kind int8

const (
	ordinary  kind = iota
	float          // with or without decimals
	namespace      // holds the members that follow
	identity       // of the span
)

var encoders = sync.Pool{New: func() any { return &encoder{buf: make([]byte, 0, 1<<10), members: make([]member, 0, 16)} }}

func newEncoder() *encoder { return encoders.Get().(*encoder) }

func (e *encoder) free() {
	if cap(e.buf) > 2*maxLine {
		return
	}
	clear(e.members) // drop the references to the keys
	clear(e.pending)
	*e = encoder{buf: e.buf[:0], members: e.members[:0], pending: e.pending[:0]}
	encoders.Put(e)
}

// key begins a member. It reports false if the caller must not write a value:
// the key is a secret's and the value has been written already, or there is no
// room for the member.
func (e *encoder) key(k string) bool {
	if !e.name(k) {
		return false
	}
	if e.hidden || Sensitive(k) {
		e.buf = append(e.buf, `"`+redacted+`"`...)
		return false
	}
	return true
}

// name is key without the redaction.
func (e *encoder) name(k string) bool {
	k = cleanKey(k)
	if e.depth > 0 {
		return !e.over() && e.member(k)
	}
	e.trim()
	for _, space := range e.pending {
		e.open(space)
	}
	e.pending = e.pending[:0]
	if e.spaces == 0 && !e.plain && reserved(k) {
		k = "field." + k
	}
	return e.member(k)
}

// member begins a member; of two with the same key the later one stays.
func (e *encoder) member(k string) bool {
	for i := e.scope; i < len(e.members); i++ {
		if e.members[i].key == k {
			e.remove(i)
			break
		}
	}
	number := len(e.members)
	if e.depth > 0 {
		number -= e.scope
	}
	if number >= maxMembers {
		e.cut = true
		return false
	}
	e.started++
	start := len(e.buf)
	e.separate()
	e.buf = append(appendQuoted(e.buf, k), ':')
	e.members = append(e.members, member{k, start, len(e.buf), ordinary})
	return true
}

// standard begins a member of the line itself whose key needs no check.
func (e *encoder) standard(k string, kind kind) {
	start := len(e.buf)
	e.buf = append(append(append(e.buf, `,"`...), k...), `":`...)
	e.members = append(e.members, member{k, start, len(e.buf), kind})
}

// open begins a namespace, which ends with the line.
func (e *encoder) open(space string) {
	e.hidden = e.hidden || Sensitive(space)
	if e.spaces == 0 && reserved(space) {
		space = "field." + space
	}
	if e.member(space) {
		e.buf = append(e.buf, '{')
		e.members[len(e.members)-1].kind = namespace
		e.spaces++
		e.scope = len(e.members)
	}
}

// enter begins a nested object or array. It reports false where it writes what
// stands for one that is too deep: some contain themselves.
func (e *encoder) enter(open byte) (before frame, ok bool) {
	if e.depth >= maxDepth {
		e.cut = true
		e.buf = append(e.buf, `"`+truncated+`"`...)
		return frame{}, false
	}
	before = frame{e.scope, len(e.members), e.nested, e.hidden}
	if e.depth == 0 {
		e.outer = before
	}
	e.depth++
	e.scope, e.nested = len(e.members), 0
	e.buf = append(e.buf, open)
	return before, true
}

// leave ends what enter began.
func (e *encoder) leave(close byte, before frame) {
	for range e.nested {
		e.buf = append(e.buf, '}')
	}
	e.buf = append(e.buf, close)
	e.depth--
	e.restore(before)
}

func (e *encoder) restore(f frame) {
	clear(e.members[f.members:])
	e.members, e.scope, e.nested, e.hidden = e.members[:f.members], f.scope, f.nested, f.hidden
}

// remove takes back member i of the current scope.
func (e *encoder) remove(i int) {
	start, end := e.members[i].start, len(e.buf)
	if i+1 < len(e.members) {
		end = e.members[i+1].start
	}
	if e.buf[start-1] == '{' && end < len(e.buf) {
		end++ // the next member becomes the first of its namespace: no comma
	}
	e.buf = slices.Delete(e.buf, start, end)
	e.members = slices.Delete(e.members, i, i+1)
	for j := i; j < len(e.members); j++ {
		e.members[j].start = max(e.members[j].start-(end-start), start)
		e.members[j].value -= end - start
	}
}

func (e *encoder) over() bool { return len(e.buf) > maxFields }

// trim replaces the value of the last member if that made the line too long.
func (e *encoder) trim() {
	last := len(e.members) - 1
	if !e.over() || last < e.scope {
		return
	}
	e.cut = true
	e.buf = append(e.buf[:e.members[last].value], `"`+truncated+`"`...)
	if e.over() {
		e.remove(last)
	}
}

// finish ends the line.
func (e *encoder) finish() {
	e.trim()
	e.end = len(e.buf)
	for range e.spaces {
		e.buf = append(e.buf, '}')
	}
	if e.cut {
		e.buf = append(e.buf, `,"truncated":true`...)
	}
	e.buf = append(e.buf, "}\n"...)
}

// separate puts a comma between two members or elements.
func (e *encoder) separate() {
	switch e.buf[len(e.buf)-1] {
	case '{', '[', ':':
	default:
		e.buf = append(e.buf, ',')
	}
}

// cleanKey makes keys that would be written alike equal.
func cleanKey(k string) string {
	if len(k) > maxKey {
		k = cut(k, maxKey)
	}
	if !utf8.ValidString(k) {
		k = toValid(k)
	}
	return k
}

// reserved reports whether the core itself writes k on a line.
func reserved(k string) bool {
	switch k {
	case "timestamp", "level", "logger", "message", "module", "function", "line",
		"app", "environment", "version",
		"request_id", "trace_id", "span_id", "user_id", "truncated":
		return true
	}
	return false
}
