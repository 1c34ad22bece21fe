package config

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tutorflow/observability/exporters"
)

// Validate reports everything that is wrong with the values of c, wherever they
// came from, in one error. What only an exporter can know is left to the
// exporters: whether there is one of a name, and whether its files can be read.
func (c Config) Validate() error { return From(c).Validate() }

// Validate is like Config.Validate; its errors name where the values came from.
// A size of batches that nobody set is made to fit its queue before.
func (l *Loaded) Validate() error {
	for key, batch := range map[string]*Batch{"traces.batch": &l.Config.Traces.Batch, "logs.batch": &l.Config.Logs.Batch} {
		if batch.Size > batch.Queue && batch.Queue > 0 && l.Source(key+".size") == SourceDefault {
			batch.Size, l.sources[key+".size"] = batch.Queue, l.Source(key+".queue")
		}
	}
	var errs []error
	for _, s := range l.settings {
		errs = append(errs, s.check(&l.Config, l.Source(s.key)))
	}
	return join(append(errs, l.contradictions()...))
}

// contradictions are values that are allowed alone but not together.
func (l *Loaded) contradictions() (errs []error) {
	c := &l.Config
	bad := func(key, value, allowed string) {
		errs = append(errs, &Error{Key: key, Source: l.Source(key), Value: quote(value), Allowed: allowed})
	}
	for key, batch := range map[string]Batch{"traces.batch": c.Traces.Batch, "logs.batch": c.Logs.Batch} {
		if batch.Queue > 0 && batch.Size > batch.Queue {
			bad(key+".size", strconv.Itoa(batch.Size), fmt.Sprintf("at most %s.queue, which is %d", key, batch.Queue))
		}
	}
	switch {
	case c.Admin.Certificate != "" && c.Admin.Key == "":
		bad("admin.certificate", c.Admin.Certificate, "a certificate and its key in admin.key, or neither")
	case c.Admin.Certificate == "" && c.Admin.Key != "":
		bad("admin.key", c.Admin.Key, "a key and its certificate in admin.certificate, or neither")
	}
	for _, signal := range exporters.Signals() {
		errs = append(errs, l.insecure(signal))
	}
	return errs
}

// insecure is the error of an endpoint whose scheme is not what is asked for.
func (l *Loaded) insecure(signal exporters.Signal) error {
	own, all := l.Config.OTLP.of(signal), l.Config.OTLP.Endpoint
	key := "otlp.insecure"
	if own.Insecure != "" {
		key = "otlp." + string(signal) + ".insecure"
	}
	insecure, endpoint := first(own.Insecure, all.Insecure), first(own.URL, all.URL)
	scheme, _, _ := strings.Cut(endpoint, "://")
	allowed := ""
	switch {
	case insecure == "false" && scheme == "http":
		allowed = "true or nothing for the endpoint " + withoutCredentials(endpoint) + ", which is sent to in clear"
	case insecure == "true" && scheme == "https":
		allowed = "false or nothing for the endpoint " + withoutCredentials(endpoint) + ", which wants TLS"
	default:
		return nil
	}
	return &Error{Key: key, Source: l.Source(key), Value: quote(insecure), Allowed: allowed}
}
