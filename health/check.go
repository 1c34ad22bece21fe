package health

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Kind says where a check appears under components in the detailed body.
type Kind uint8

// The kinds. The zero value is KindOther.
const (
	KindOther           Kind = iota // components.{name}
	KindDatabase                    // components.database, and /health/db
	KindExternalService             // components.external_services.{name}
)

// Check is a named question to one dependency. Name and Run are required; the zero value
// of everything else stands for the default that its comment gives. A Check is data: New
// copies it and later changes have no effect. Package checks has ready-made ones.
type Check struct {
	// Name matches [a-z][a-z0-9_]{0,62} and is unique within a Checker. It is shown in
	// responses, logs and metrics, so it names the dependency and not its address.
	Name string

	// Kind is where the check is shown.
	Kind Kind

	// NonCritical makes a failure degrade the service instead of taking it out of rotation.
	NonCritical bool

	// Timeout is how long a run may take. Its context ends then. Default 2s.
	Timeout time.Duration

	// Interval is the time from the start of one run to the start of the next. Default 10s.
	Interval time.Duration

	// MaxAge is how old a result may become before the check is stale, for example after
	// the process was suspended. At least Interval + Timeout. Default 3*Interval + Timeout.
	MaxAge time.Duration

	// FailureThreshold is how many results in a row must be worse than the shown status
	// before it changes. Every Interval that a run stays hung counts as one. Default 2, so
	// that one lost packet does not take the service out of rotation.
	FailureThreshold int

	// SuccessThreshold is how many results in a row must be better than the shown status
	// before it changes. Default 1.
	SuccessThreshold int

	// Run asks the dependency. Nil means healthy, an error that wraps ErrDegraded means
	// degraded, and any other error unhealthy. It should return soon after its context ends.
	// It is never called again before it has returned. Panics are recovered.
	Run func(context.Context) error

	// Err is why the check could not be built. Constructors set it in place of returning an
	// error, and New reports it.
	Err error
}

// Option changes a check while it is built. The constructors in package checks take options.
type Option func(*Check)

// NonCritical makes a failure degrade the service instead of taking it out of rotation.
func NonCritical() Option { return func(c *Check) { c.NonCritical = true } }

// Timeout sets how long a run may take. See [Check.Timeout].
func Timeout(d time.Duration) Option { return func(c *Check) { c.Timeout = d } }

// Interval sets the time between the starts of two runs. See [Check.Interval].
func Interval(d time.Duration) Option { return func(c *Check) { c.Interval = d } }

// MaxAge sets how old a result may become. See [Check.MaxAge].
func MaxAge(d time.Duration) Option { return func(c *Check) { c.MaxAge = d } }

// Thresholds sets how many results in a row make the shown status worse and better. See
// [Check.FailureThreshold] and [Check.SuccessThreshold].
func Thresholds(failure, success int) Option {
	return func(c *Check) { c.FailureThreshold, c.SuccessThreshold = failure, success }
}

// With returns the check with the options applied in their order. It skips nil options.
func (c Check) With(opts ...Option) Check {
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	return c
}

func (c Check) apply(cfg *config) { cfg.checks = append(cfg.checks, c) }

// The name is a metric label and a JSON key; 63 bytes are what a DNS label may have.
var validName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// reservedNames are the keys under components that do not belong to one check.
func reservedNames() []string { return []string{"database", "databases", "external_services"} }

const (
	minDuration = time.Millisecond
	maxDuration = 24 * time.Hour // far from where sums of durations overflow
)

// withDefaults returns the check with every field filled in.
func (c Check) withDefaults() Check {
	setDefault(&c.Timeout, 2*time.Second)
	setDefault(&c.Interval, 10*time.Second)
	setDefault(&c.MaxAge, 3*c.Interval+c.Timeout)
	setDefault(&c.FailureThreshold, 2)
	setDefault(&c.SuccessThreshold, 1)
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// validate reports every bad field of a check whose defaults are filled in.
func (c Check) validate() error {
	var errs []error
	bad := func(field string, value any, allowed string) {
		errs = append(errs, fmt.Errorf("check %q: %s %v: %s", c.Name, field, value, allowed))
	}
	if !validName.MatchString(c.Name) {
		bad("name", fmt.Sprintf("%q", c.Name), "must match [a-z][a-z0-9_]{0,62}")
	}
	if c.Kind > KindExternalService {
		bad("kind", c.Kind, "must be KindOther, KindDatabase or KindExternalService")
	}
	if c.Kind == KindOther && slices.Contains(reservedNames(), c.Name) {
		bad("name", fmt.Sprintf("%q", c.Name), "is reserved unless the kind is KindDatabase or KindExternalService")
	}
	durations := []struct {
		field string
		value time.Duration
	}{{"timeout", c.Timeout}, {"interval", c.Interval}}
	for _, d := range durations {
		if d.value < minDuration || d.value > maxDuration {
			bad(d.field, d.value, "must be between 1ms and 24h")
		}
	}
	if c.MaxAge < c.Interval+c.Timeout {
		bad("max age", c.MaxAge, fmt.Sprintf("must be at least interval + timeout (%v)", c.Interval+c.Timeout))
	}
	if c.FailureThreshold < 0 {
		bad("failure threshold", c.FailureThreshold, "must be at least 1")
	}
	if c.SuccessThreshold < 0 {
		bad("success threshold", c.SuccessThreshold, "must be at least 1")
	}
	if c.Err != nil {
		errs = append(errs, fmt.Errorf("check %q: %w", c.Name, c.Err))
	} else if c.Run == nil {
		bad("run", "nil", "must be a function")
	}
	return errors.Join(errs...)
}
