package telemetry

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/admin"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

// openAdmin starts the admin listener where a port for it is configured.
func (t *Telemetry) openAdmin() error {
	c := t.config.Admin
	if c.Port == 0 {
		return nil
	}
	server, err := admin.New(admin.Config{
		Address: net.JoinHostPort(c.Host, strconv.Itoa(c.Port)),
		Token:   c.Token, Certificate: c.Certificate, Key: c.Key, Profiles: c.Profiles,
	}, admin.Parts{
		Metrics:  t.scrape,
		Config:   t.loaded.WriteText,
		Levels:   levels{t.log.Levels()},
		Switches: t.switches,
		Known:    t.exported,
		Changed:  t.changed,
		Failed:   t.errors.Handle,
	})
	if err != nil {
		return err
	}
	t.admin = server
	return nil
}

// changed logs and counts a change of the running service.
func (t *Telemetry) changed(c admin.Change) {
	control, action := catalog.ControlLogLevel, catalog.ActionSet
	if c.Control == admin.ControlMetric {
		control = catalog.ControlMetric
	}
	if c.Action == admin.ActionRevert {
		action = catalog.ActionRevert
	}
	t.self.Change(control, action)
	fields := []zap.Field{zap.String("control", c.Control), zap.String("action", c.Action), zap.String("name", c.Name)}
	if c.Value != "" {
		fields = append(fields, zap.String("value", c.Value))
	}
	if !c.Until.IsZero() {
		fields = append(fields, zap.Time("until", c.Until))
	}
	if c.Peer != "" {
		fields = append(fields, zap.String("peer", c.Peer))
	}
	// Whatever the levels are now: this is what tells of it.
	log, level := t.log.LocalLogger(), zap.WarnLevel
	if log.Check(level, "") == nil {
		level = zap.ErrorLevel
	}
	log.Log(level, "telemetry changed", fields...)
}

// levelChanged tells of a log level that ended by itself; those that a caller
// changed are told by the listener, which knows the caller.
func (t *Telemetry) levelChanged(l zaplog.LoggerLevel, expired bool) {
	if expired {
		t.changed(admin.Change{Control: admin.ControlLogLevel, Action: admin.ActionRevert, Name: l.Logger})
	}
}

// metricExpired tells of a metric that is back on by itself.
func (t *Telemetry) metricExpired(metric string) {
	t.changed(admin.Change{Control: admin.ControlMetric, Action: admin.ActionRevert, Name: metric})
}

// exported reports whether there is a metric of that name to switch off. What a
// scrape does not show is not known where there is a scrape.
func (t *Telemetry) exported(metric string) bool {
	if !t.switches.Enabled(metric) {
		return true
	}
	response := httptest.NewRecorder()
	t.scrape.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return response.Code != http.StatusOK || strings.Contains(response.Body.String(), "# TYPE "+metric+" ")
}

// showHealth has the listener serve the health of checks, if they can tell it.
func (t *Telemetry) showHealth(checks HealthSource) {
	if served, ok := checks.(interface{ Handler() http.Handler }); ok && t.admin != nil {
		t.admin.SetHealth(served.Handler())
	}
}

// levels shows the log's levels to the listener.
type levels struct{ *zaplog.Levels }

func (l levels) List() []admin.Level {
	var all []admin.Level
	for _, one := range l.Levels.List() {
		all = append(all, admin.Level(one))
	}
	return all
}
