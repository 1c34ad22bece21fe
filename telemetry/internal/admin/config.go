package admin

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/internal/regularfile"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/switches"
)

// Config is the data of a server: what a deployer sets.
type Config struct {
	// Address is host:port. Without a host it is every address of the machine;
	// port 0 is any that is free.
	Address string
	// Token is a secret that callers must know. Empty asks for none.
	Token string
	// Certificate and Key are PEM files, with which TLS is served.
	Certificate, Key string
	// Profiles asks for /debug/pprof.
	Profiles bool
}

// Parts are what the server shows and controls. A part that is nil has no
// routes. All are called by several goroutines at once.
type Parts struct {
	// Metrics serves the metrics.
	Metrics http.Handler
	// Config writes the effective configuration, secrets masked.
	Config func(io.Writer) error
	// Levels are the log levels.
	Levels Levels
	// Switches are the metrics that are off.
	Switches *switches.Set
	// Known reports whether there is a metric of that name. Nil knows all.
	Known func(metric string) bool
	// Changed is told of each change that a caller made. The owner of Levels and
	// Switches adds those that end by themselves.
	Changed func(Change)
	// Refused is told of each request that is refused, and why.
	Refused func(catalog.Refusal)
	// Failed is told of what went wrong, for an operator's log: failed TLS
	// handshakes, panics of parts, who was refused.
	Failed func(error)
}

// Levels are log levels that can be changed for a time. The logger "" stands for
// all that have no level of their own.
type Levels interface {
	// Set gives a logger a level until expiry has passed.
	Set(logger string, level zapcore.Level, expiry time.Duration) error
	// Revert takes back what Set did and reports whether there was any.
	Revert(logger string) bool
	// List returns the levels in force.
	List() []Level
}

// Level is the level of one logger.
type Level struct {
	Logger string
	Level  zapcore.Level
	// Until is when the level ends by itself. Zero is never.
	Until time.Time
}

// What a change controls.
const (
	ControlLogLevel = "log_level"
	ControlMetric   = "metric"
)

// What a change does.
const (
	ActionSet    = "set"
	ActionRevert = "revert"
)

// ValueOff is the value of a metric that is switched off.
const ValueOff = "off"

// Change is one change of what the service does.
type Change struct {
	// Control is ControlLogLevel or ControlMetric, Action is ActionSet or
	// ActionRevert: both are fit for a label.
	Control, Action string
	// Name is the logger or the metric.
	Name string
	// Value is the level or ValueOff, and empty for a revert.
	Value string
	// Until is when the change ends by itself.
	Until time.Time
	// Peer is the address of who asked for it, empty when it ended by itself.
	Peer string
}

// Check reports all that is wrong with the configuration, without the token.
func (c Config) Check() error {
	var errs []error
	if _, _, err := net.SplitHostPort(c.Address); err != nil {
		errs = append(errs, fmt.Errorf("listen for admin: address %.64q: allowed is host:port", c.Address))
	}
	if strings.ContainsFunc(c.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		errs = append(errs, errors.New("listen for admin: token: allowed are visible ASCII characters, without spaces"))
	}
	if (c.Certificate == "") != (c.Key == "") {
		errs = append(errs, fmt.Errorf("listen for admin: certificate %.200q and key %.200q: allowed are both or neither", c.Certificate, c.Key))
	} else if c.tls() {
		if _, err := c.load(nil); err != nil {
			errs = append(errs, fmt.Errorf("listen for admin: certificate %.200q and key %.200q: %w", c.Certificate, c.Key, err))
		}
	}
	return errors.Join(errs...)
}

// maxFile is far more than a chain of certificates needs.
const maxFile = 1 << 20

func (c Config) tls() bool { return c.Certificate != "" }

// load reads the certificate, for each handshake anew.
func (c Config) load(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	certificate, certificateErr := regularfile.Read(c.Certificate, maxFile)
	key, keyErr := regularfile.Read(c.Key, maxFile)
	if err := errors.Join(certificateErr, keyErr); err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	return &pair, nil
}
