package config

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tutorflow/observability/exporters"
)

// Warnings are what is allowed but looks like a mistake: what nothing reads, and
// what has no effect as other settings are.
func (l *Loaded) Warnings() []string {
	var all []string
	if len(l.Unread) > 0 {
		all = append(all, "nothing here reads "+strings.Join(l.Unread, ", "))
	}
	c := &l.Config
	if c.Disabled {
		return all // nothing has an effect
	}
	otlp := false
	for _, signal := range exporters.Signals() {
		if slices.Contains(c.Exporters(signal), "otlp") {
			otlp = true
			all = append(all, l.looksWrong(signal)...)
		}
	}
	idle := func(why string, keys func(key string) bool) {
		if found := l.given(keys); len(found) > 0 {
			all = append(all, strings.Join(found, ", ")+" has no effect: "+why)
		}
	}
	if !otlp {
		idle("no signal has the exporter otlp", func(key string) bool { return strings.HasPrefix(key, "otlp.") })
	}
	if slices.Equal(c.Traces.Exporters, []string{exporters.None}) {
		idle("traces.exporters is none", func(key string) bool { return strings.HasPrefix(key, "traces.") && key != "traces.exporters" })
	} else if !strings.HasSuffix(c.Traces.Sampler, "ratio") {
		idle("traces.sampler is "+c.Traces.Sampler, func(key string) bool { return key == "traces.ratio" })
	}
	if c.Admin.Port == 0 {
		idle("admin.port is 0", func(key string) bool { return strings.HasPrefix(key, "admin.") && key != "admin.port" })
	}
	return all
}

// looksWrong are endpoints of signal that rarely are what is meant.
func (l *Loaded) looksWrong(signal exporters.Signal) (all []string) {
	to := l.Config.OTLP.For(signal)
	u, err := url.Parse(to.Endpoint)
	if err != nil || to.Protocol != exporters.ProtocolHTTP || u.Scheme == "unix" {
		return nil
	}
	if u.Port() == "4317" {
		all = append(all, "the endpoint of otlp for "+string(signal)+" has the usual port of gRPC, and its protocol is "+to.Protocol)
	}
	if strings.Count(u.Path, "/v1/") > 1 {
		all = append(all, "otlp.endpoint is that of all signals, to which /v1/"+string(signal)+" is appended; it has such a path already")
	}
	if u.Path == "" || u.Path == "/" {
		all = append(all, "the endpoint of otlp for "+string(signal)+" is used as it is and has no path; the usual one is /v1/"+string(signal))
	}
	return all
}

// given are the settings that something other than the defaults set.
func (l *Loaded) given(which func(key string) bool) (keys []string) {
	for _, s := range l.settings {
		if source := l.Source(s.key); which(s.key) && source != SourceDefault {
			keys = append(keys, s.key+" ("+source+")")
		}
	}
	return keys
}
