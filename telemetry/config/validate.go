package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tutorflow/observability/exporters"
)

// Validate reports everything that is wrong with the values of c, wherever they
// came from, in one error. What only an exporter can know is left to the
// exporters: whether there is one of a name, and whether its files can be read.
func (c Config) Validate() error { return From(c).Validate() }

// Validate is like Config.Validate; its errors name where the values came from.
func (l *Loaded) Validate() error {
	var errs []error
	for _, s := range l.settings {
		errs = append(errs, s.check(&l.Config, l.source(s.key)))
	}
	return join(append(errs, l.contradictions()...))
}

// contradictions are values that are allowed alone but not together.
func (l *Loaded) contradictions() (errs []error) {
	c := &l.Config
	bad := func(key, value, allowed string) {
		errs = append(errs, &Error{Key: key, Source: l.source(key), Value: value, Allowed: allowed})
	}
	for key, batch := range map[string]Batch{"traces.batch": c.Traces.Batch, "logs.batch": c.Logs.Batch} {
		if batch.Size > batch.Queue {
			bad(key+".size", fmt.Sprintf("\"%d\"", batch.Size), fmt.Sprintf("at most %s.queue, which is %d", key, batch.Queue))
		}
	}
	if (c.Admin.Certificate == "") != (c.Admin.Key == "") {
		bad("admin.certificate", quote(c.Admin.Certificate), "a certificate and its key in admin.key, or neither")
	}
	for _, signal := range []exporters.Signal{exporters.Metrics, exporters.Traces, exporters.Logs} {
		errs = append(errs, l.endpoint(signal))
	}
	return errs
}

// endpoint is what is wrong with the way of signal to a collector as a whole.
func (l *Loaded) endpoint(signal exporters.Signal) error {
	o := l.Config.OTLP
	own := map[exporters.Signal]Endpoint{exporters.Metrics: o.Metrics, exporters.Traces: o.Traces, exporters.Logs: o.Logs}[signal]
	given := func(name, own string) string {
		if own != "" {
			return "otlp." + string(signal) + "." + name
		}
		return "otlp." + name
	}
	to := o.For(signal)
	scheme, _, _ := strings.Cut(to.Endpoint, ":")
	endpoint := withoutCredentials(first(own.URL, o.URL))
	bare := endpoint != "" && !strings.Contains(endpoint, "://") && !strings.HasPrefix(endpoint, "unix:")
	key, insecureKey := given("endpoint", own.URL), given("insecure", own.Insecure)
	wrong := func(key, value, allowed string) error {
		return &Error{Key: key, Source: l.source(key), Value: quote(value), Allowed: allowed}
	}
	switch insecure := first(own.Insecure, o.Insecure); {
	case bare && to.Protocol == exporters.ProtocolHTTP:
		return wrong(key, endpoint, "a URL with a scheme for "+exporters.ProtocolHTTP+", like http://"+endpoint)
	case insecure == "false" && scheme == "http" && endpoint != "":
		return wrong(insecureKey, insecure, "true or nothing for the endpoint "+endpoint+", which is sent to in clear")
	case insecure == "true" && scheme == "https":
		return wrong(insecureKey, insecure, "false or nothing for the endpoint "+endpoint+", which wants TLS")
	}
	return nil
}

// Warnings are what is allowed but looks like a mistake.
func (l *Loaded) Warnings() []string {
	var all []string
	if len(l.Unread) > 0 {
		all = append(all, "nothing here reads "+strings.Join(l.Unread, ", "))
	}
	for _, signal := range []exporters.Signal{exporters.Metrics, exporters.Traces, exporters.Logs} {
		if to := l.Config.OTLP.For(signal); to.Protocol == exporters.ProtocolHTTP && strings.Contains(to.Endpoint, ":4317/") && slices.Contains(l.exporters(signal), "otlp") {
			all = append(all, "the endpoint of otlp for "+string(signal)+" has the usual port of gRPC, and otlp.protocol is "+to.Protocol)
		}
	}
	return all
}

func (l *Loaded) exporters(signal exporters.Signal) []string { return *l.exporterList(signal) }

func (l *Loaded) exporterList(signal exporters.Signal) *[]string {
	switch signal {
	case exporters.Metrics:
		return &l.Config.Metrics.Exporters
	case exporters.Traces:
		return &l.Config.Traces.Exporters
	}
	return &l.Config.Logs.Exporters
}
