package guard

import (
	"reflect"
	"sync"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/sums"
)

// MaxScopes is how many instrumentation scopes have failures of their own; those
// of all others are counted together.
const MaxScopes = 100

// MeterProvider guards the instruments made with it. It is safe for concurrent
// use.
type MeterProvider struct {
	*sdkmetric.MeterProvider
	meter   *catalog.Meter
	invalid func(n int)

	mu     sync.Mutex
	scopes map[string]bool // with failures of their own

	// rooms and observables are by instrument of the SDK, which makes each once,
	// and so are as many as it keeps.
	rooms, observables sync.Map
}

// New guards provider, which is also that of meter. Failures of callbacks are
// counted and told of by meter, numbers that are dropped by invalid.
func New(provider *sdkmetric.MeterProvider, meter *catalog.Meter, invalid func(n int)) *MeterProvider {
	return &MeterProvider{MeterProvider: provider, meter: meter, invalid: invalid, scopes: make(map[string]bool)}
}

// Meter returns a meter of the SDK, guarded.
func (p *MeterProvider) Meter(name string, options ...metric.MeterOption) metric.Meter {
	return &meter{Meter: p.MeterProvider.Meter(name, options...), provider: p, scope: catalog.LabelValue(name)}
}

// label is what the failures of a scope are counted under.
func (p *MeterProvider) label(scope string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.scopes) >= MaxScopes && !p.scopes[scope] {
		return "scope:" + catalog.Other
	}
	p.scopes[scope] = true
	return "scope:" + scope
}

// meter guards the instruments of one scope.
type meter struct {
	metric.Meter
	provider *MeterProvider
	scope    string
}

// numbers decides what may be added to one synchronous instrument.
type numbers struct {
	*sums.Headroom
	invalid func(n int)
}

func (p *MeterProvider) numbers(instrument any) numbers {
	room, _ := p.rooms.LoadOrStore(instrument, &sums.Headroom{})
	return numbers{room.(*sums.Headroom), p.invalid}
}

// valid counts a number that is not.
func (n numbers) valid(ok bool) bool {
	if !ok {
		n.invalid(1)
	}
	return ok
}

// observable is what callbacks need to know of an instrument.
type observable struct {
	name string
	kind catalog.Kind
}

// made remembers what instrument is.
func (p *MeterProvider) made(instrument metric.Observable, o observable) {
	p.observables.Store(instrument, o)
}

// observable finds what instrument is, if it was made here.
func (p *MeterProvider) observable(instrument metric.Observable) observable {
	if instrument == nil || !reflect.TypeOf(instrument).Comparable() {
		return observable{}
	}
	o, _ := p.observables.Load(instrument)
	known, _ := o.(observable)
	return known
}
