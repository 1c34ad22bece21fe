package telemetry

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/config"
	"github.com/tutorflow/observability/telemetry/internal/admin"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

// openAdmin starts the admin listener where a port for it is configured.
func (t *Telemetry) openAdmin() error {
	c := t.config.Admin
	if c.Port == 0 {
		return nil
	}
	parts := admin.Parts{
		Metrics: t.scrape,
		Config:  t.writeConfiguration,
		Levels:  levels{t.log.Levels()},
		Known:   t.exported,
		Changed: t.changed,
		Refused: t.self.Refuse,
		Failed:  t.errors.Handle,
	}
	if !t.config.Disabled {
		parts.Switches = t.switches
	}
	server, err := admin.New(adminConfig(c), parts)
	if err != nil {
		return err
	}
	t.admin = server
	t.log.LocalLogger().Info("admin listener", zap.String("address", server.Addr().String()),
		zap.Bool("token", c.Token != ""), zap.Bool("tls", c.Certificate != ""), zap.Bool("profiles", c.Profiles))
	return nil
}

// adminConfig is what the listener is made with.
func adminConfig(c config.Admin) admin.Config {
	return admin.Config{
		Address: net.JoinHostPort(c.Host, strconv.Itoa(c.Port)),
		Token:   c.Token, Certificate: c.Certificate, Key: c.Key, Profiles: c.Profiles,
	}
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

// exported reports whether there is a metric of that name to switch off. Without
// a scrape to look at, only the catalogue's own names can be known to be wrong.
func (t *Telemetry) exported(metric string) bool {
	if !t.switches.Enabled(metric) {
		return true
	}
	if t.known != nil {
		return t.known(metric)
	}
	_, ours := catalog.Lookup(metric)
	return ours || !strings.HasPrefix(metric, "tutorflow_")
}

// writeConfiguration writes what is configured, and what was changed since.
func (t *Telemetry) writeConfiguration(w io.Writer) error {
	if err := t.loaded.WriteText(w); err != nil {
		return err
	}
	var changed strings.Builder
	for _, l := range t.log.Levels().List() {
		if !l.Until.IsZero() {
			fmt.Fprintf(&changed, "level of %q is %v until %s\n", l.Logger, l.Level, l.Until.UTC().Format(time.RFC3339))
		}
	}
	for _, m := range t.switches.List() {
		fmt.Fprintf(&changed, "%s is off until %s\n", m.Name, m.Until.UTC().Format(time.RFC3339))
	}
	if changed.Len() == 0 {
		return nil
	}
	_, err := io.WriteString(w, "\nchanged while running:\n"+changed.String())
	return err
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
