package admin

import (
	"fmt"
	"net/http"
	"time"
)

func (s *Server) metricRoutes() []route {
	return []route{
		{"GET /telemetry/metrics", "the metrics that are off", s.listMetrics},
		{"PUT /telemetry/metrics/{metric}", "?enabled=false&for=10m  take a metric off every export for a time", s.setMetric},
		{"DELETE /telemetry/metrics/{metric}", "take that back", s.revertMetric},
	}
}

type metricsBody struct {
	Off []metricBody `json:"off"`
}

type metricBody struct {
	Metric string    `json:"metric"`
	Until  time.Time `json:"until"`
}

func (s *Server) listMetrics(w http.ResponseWriter, _ *http.Request) {
	body := metricsBody{[]metricBody{}}
	for _, m := range s.parts.Switches.List() {
		body.Off = append(body.Off, metricBody{m.Name, seconds(m.Until)})
	}
	answerJSON(w, body)
}

func (s *Server) setMetric(w http.ResponseWriter, r *http.Request) {
	given, err := parameters(r, "enabled", "for")
	if err != nil {
		refuse(w, err)
		return
	}
	lasts, err := expiry(given)
	if err != nil {
		refuse(w, err)
		return
	}
	switch enabled := given["enabled"]; enabled {
	case "true":
		s.putBack(w, r)
	case "false":
		s.takeOff(w, r, lasts)
	default:
		refuse(w, fmt.Errorf("enabled %.64q: allowed are true and false", enabled))
	}
}

func (s *Server) revertMetric(w http.ResponseWriter, r *http.Request) {
	if _, err := parameters(r); err != nil {
		refuse(w, err)
		return
	}
	s.putBack(w, r)
}

func (s *Server) takeOff(w http.ResponseWriter, r *http.Request, lasts time.Duration) {
	metric := r.PathValue("metric")
	if !s.known(w, metric) {
		return
	}
	until := time.Now().Add(lasts)
	if err := s.parts.Switches.Off(metric, lasts); err != nil {
		refuse(w, err)
		return
	}
	s.parts.Changed(Change{ControlMetric, ActionSet, metric, ValueOff, until, r.RemoteAddr})
	s.listMetrics(w, r)
}

func (s *Server) putBack(w http.ResponseWriter, r *http.Request) {
	metric := r.PathValue("metric")
	// What is off was known once, and must come back even if it is not any more.
	if s.parts.Switches.On(metric) {
		s.parts.Changed(Change{Control: ControlMetric, Action: ActionRevert, Name: metric, Peer: r.RemoteAddr})
	} else if !s.known(w, metric) {
		return
	}
	s.listMetrics(w, r)
}

// known answers for a metric that there is not, which is mostly a mistyped one.
func (s *Server) known(w http.ResponseWriter, metric string) bool {
	if s.parts.Known == nil || s.parts.Known(metric) {
		return true
	}
	http.Error(w, fmt.Sprintf("metric %.64q is not known: allowed are the names that # TYPE lines have on a scrape in the text format", metric), http.StatusNotFound)
	return false
}
