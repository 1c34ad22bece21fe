package admin_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/telemetry/internal/admin"
	"github.com/tutorflow/observability/telemetry/internal/switches"
)

const peer = "127.0.0.1:50000"

// step is a request, the answer and what was told of it. Times in the answer and
// of the change are written as what is left until then, in minutes.
type step struct {
	request, answer, change string
}

// left is the time until t.
func left(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return fmt.Sprintf("%.0fm", time.Until(t).Minutes())
}

// run makes the requests one after the other.
func run(t *testing.T, h *harness, steps []step) {
	t.Helper()
	for _, s := range steps {
		method, target, _ := strings.Cut(s.request, " ")
		response := h.ask(method, target)
		if got := response.Header().Get("Content-Type"); response.Code != http.StatusOK || got != "application/json" {
			t.Errorf("%s: status %d of type %q: %s", s.request, response.Code, got, response.Body)
		}
		answer := response.Body.String()
		var body map[string][]struct{ Until time.Time }
		if err := json.Unmarshal([]byte(answer), &body); err != nil {
			t.Errorf("%s: %v: %s", s.request, err, answer)
		}
		for _, list := range body {
			for _, item := range list {
				answer = strings.ReplaceAll(answer, item.Until.Format(time.RFC3339), left(item.Until))
			}
		}
		if diff := cmp.Diff(s.answer, strings.TrimSpace(answer)); diff != "" {
			t.Errorf("%s: answer (-want +got):\n%s", s.request, diff)
		}
		var change string
		for _, c := range h.told() {
			change += strings.Join([]string{c.Control, c.Action, c.Name, c.Value, left(c.Until), c.Peer}, "|")
		}
		if diff := cmp.Diff(s.change, change); diff != "" {
			t.Errorf("%s: change (-want +got):\n%s", s.request, diff)
		}
	}
}

func TestLoggersAreSetForATime(t *testing.T) {
	const info = `{"loggers":[{"logger":"","level":"info"}`
	run(t, serve(t, local(), nil), []step{
		{"GET /telemetry/loggers", info + `]}`, ""},
		{"PUT /telemetry/loggers/tutorflow.payments?level=debug&for=10m", info + `,{"logger":"tutorflow.payments","level":"debug","until":"10m"}]}`, "log_level|set|tutorflow.payments|debug|10m|" + peer},
		{"PUT /telemetry/loggers/tutorflow.payments?level=ERROR", info + `,{"logger":"tutorflow.payments","level":"error","until":"15m"}]}`, "log_level|set|tutorflow.payments|error|15m|" + peer},
		{"DELETE /telemetry/loggers/tutorflow.payments", info + `]}`, "log_level|revert|tutorflow.payments||never|" + peer},
		{"DELETE /telemetry/loggers/tutorflow.payments", info + `]}`, ""},
		{"PUT /telemetry/loggers?level=warn&for=24h", `{"loggers":[{"logger":"","level":"warn","until":"1440m"}]}`, "log_level|set||warn|1440m|" + peer},
		{"DELETE /telemetry/loggers", info + `]}`, "log_level|revert|||never|" + peer},
		{"PUT /telemetry/loggers/a%2Fb%20%C3%A9?level=info&for=1m", info + `,{"logger":"a/b é","level":"info","until":"1m"}]}`, "log_level|set|a/b é|info|1m|" + peer},
	})
}

func TestMetricsAreOffForATime(t *testing.T) {
	h := serve(t, local(), nil)
	const path, none = "/telemetry/metrics/" + metric, `{"off":[]}`
	run(t, h, []step{
		{"GET /telemetry/metrics", none, ""},
		{"PUT " + path + "?enabled=false&for=30m", `{"off":[{"metric":"` + metric + `","until":"30m"}]}`, "metric|set|" + metric + "|off|30m|" + peer},
		{"PUT " + path + "?enabled=false", `{"off":[{"metric":"` + metric + `","until":"15m"}]}`, "metric|set|" + metric + "|off|15m|" + peer},
		{"GET /telemetry/metrics", `{"off":[{"metric":"` + metric + `","until":"15m"}]}`, ""},
	})
	if h.switches.Enabled(metric) {
		t.Error("it is enabled")
	}
	run(t, h, []step{
		{"PUT " + path + "?enabled=true", none, "metric|revert|" + metric + "||never|" + peer},
		{"PUT " + path + "?enabled=true", none, ""},
		{"PUT " + path + "?enabled=false", `{"off":[{"metric":"` + metric + `","until":"15m"}]}`, "metric|set|" + metric + "|off|15m|" + peer},
		{"DELETE " + path, none, "metric|revert|" + metric + "||never|" + peer},
		{"DELETE " + path, none, ""},
	})
	if !h.switches.Enabled(metric) {
		t.Error("it is not enabled")
	}
}

func TestMetricComesBackByItself(t *testing.T) {
	h := serve(t, local(), nil)
	h.ask("PUT", "/telemetry/metrics/"+metric+"?enabled=false&for=1ms")
	for !h.switches.Enabled(metric) {
		time.Sleep(time.Millisecond)
	}
	h.switches.Close() // Waits for what is told.
	want := admin.Change{Control: "metric", Action: "revert", Name: metric}
	if told := h.told(); len(told) != 2 || told[1] != want {
		t.Errorf("told %v", told)
	}
}

// TestMetricThatIsForgottenComesBack has one that was known when it was
// switched off.
func TestMetricThatIsForgottenComesBack(t *testing.T) {
	h := serve(t, local(), nil)
	if err := h.switches.Off("x_forgotten", time.Hour); err != nil {
		t.Fatal(err)
	}
	run(t, h, []step{{"DELETE /telemetry/metrics/x_forgotten", `{"off":[]}`, "metric|revert|x_forgotten||never|" + peer}})
}

func TestNothingIsUnknownWithoutAList(t *testing.T) {
	h := serve(t, local(), func(p *admin.Parts) { p.Known, p.Changed, p.Failed = nil, nil, nil })
	run(t, h, []step{{"PUT /telemetry/metrics/x?enabled=false", `{"off":[{"metric":"x","until":"15m"}]}`, ""}})
}

func TestBadRequestsChangeNothing(t *testing.T) {
	h := serve(t, local(), nil)
	const loggers, metrics = "/telemetry/loggers", "/telemetry/metrics/" + metric
	for name, test := range map[string]struct {
		method, target string
		code           int
		want           string
	}{
		"no level":                         {"PUT", loggers, 400, `level "": allowed are debug, info, warn and error`},
		"an empty level":                   {"PUT", loggers + "/a?level=", 400, `level ""`},
		"an unknown level":                 {"PUT", loggers + "?level=loud", 400, `level "loud": allowed are`},
		"a level that would hide errors":   {"PUT", loggers + "?level=fatal", 400, `level "fatal"`},
		"a long level":                     {"PUT", loggers + "?level=" + strings.Repeat("x", 10_000), 400, `level "xxx`},
		"a level with a line of its own":   {"PUT", loggers + "?level=a%0Ab", 400, `level "a\nb"`},
		"no duration":                      {"PUT", loggers + "?level=debug&for=", 400, `for "": allowed is a duration like 10m, at most 24h`},
		"a duration without a unit":        {"PUT", loggers + "?level=debug&for=10", 400, `for "10"`},
		"a duration of nothing":            {"PUT", loggers + "?level=debug&for=0s", 400, `for "0s"`},
		"a duration that has passed":       {"PUT", loggers + "?level=debug&for=-1m", 400, `for "-1m"`},
		"a duration of more than one day":  {"PUT", loggers + "?level=debug&for=24h1ns", 400, `for "24h1ns"`},
		"a metric off for more than a day": {"PUT", metrics + "?enabled=false&for=25h", 400, `for "25h"`},
		"a mistyped parameter":             {"PUT", loggers + "?level=debug&fro=1h", 400, `parameter "fro": allowed are level, for`},
		"a parameter given twice":          {"PUT", loggers + "?level=debug&level=info", 400, `parameter level: given 2 times, allowed is once`},
		"a query that is none":             {"PUT", loggers + "?level=debug;for=1h", 400, `parameters "level=debug;for=1h": allowed is name=value&…`},
		"a parameter of a revert":          {"DELETE", loggers + "/a?for=1h", 400, `parameter "for": none is allowed`},
		"a parameter of a metric's revert": {"DELETE", metrics + "?for=1h", 400, `parameter "for": none is allowed`},
		"a logger of 129 bytes":            {"PUT", loggers + "/" + strings.Repeat("x", 129) + "?level=debug", 400, `allowed are at most 128 bytes`},
		"a logger with a line of its own":  {"PUT", loggers + "/a%0Ab?level=debug", 400, `logger "a\nb"`},
		"a logger that is not UTF-8":       {"DELETE", loggers + "/%FF", 400, `logger "\xff"`},
		"a logger that levels refuse":      {"PUT", loggers + "/full?level=debug", 400, `100 have one, allowed are 100`},
		"no state":                         {"PUT", metrics, 400, `enabled "": allowed are true and false`},
		"an unknown state":                 {"PUT", metrics + "?enabled=off", 400, `enabled "off"`},
		"an unknown metric":                {"PUT", "/telemetry/metrics/x_total?enabled=false", 404, `metric "x_total" is not known: allowed are the names`},
		"an unknown metric to be put back": {"DELETE", "/telemetry/metrics/x_total", 404, `metric "x_total" is not known`},
		"a long metric":                    {"PUT", "/telemetry/metrics/" + strings.Repeat("x", 10_000) + "?enabled=false", 404, `metric "xxx`},
		"a metric that is no name":         {"PUT", "/telemetry/metrics/tutorflow_%0A?enabled=false", 400, `metric "tutorflow_\n": allowed are names`},
		"no metric":                        {"DELETE", "/telemetry/metrics/", 404, ""},
		"no logger":                        {"DELETE", loggers + "/", 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			response := h.ask(test.method, test.target)
			if response.Code != test.code || !strings.Contains(response.Body.String(), test.want) || response.Body.Len() > 300 {
				t.Errorf("status %d: %s", response.Code, response.Body)
			}
			if lines := strings.Count(response.Body.String(), "\n"); lines != 1 {
				t.Errorf("%d lines: %q", lines, response.Body)
			}
		})
	}
	if told := h.told(); len(told) != 0 {
		t.Errorf("changed: %v", told)
	}
	run(t, h, []step{{"GET /telemetry/metrics", `{"off":[]}`, ""}, {"GET /telemetry/loggers", `{"loggers":[{"logger":"","level":"info"}]}`, ""}})
}

func TestOnlySoManyMetricsAreOff(t *testing.T) {
	h := serve(t, local(), nil)
	for i := range switches.MaxOff {
		if response := h.ask("PUT", fmt.Sprint("/telemetry/metrics/tutorflow_", i, "?enabled=false")); response.Code != http.StatusOK {
			t.Fatalf("status %d: %s", response.Code, response.Body)
		}
	}
	if response := h.ask("PUT", "/telemetry/metrics/"+metric+"?enabled=false"); response.Code != http.StatusBadRequest || !strings.Contains(response.Body.String(), "allowed are 100") {
		t.Errorf("status %d: %s", response.Code, response.Body)
	}
}

func TestConfigurationIsShown(t *testing.T) {
	h := serve(t, local(), nil)
	response := h.ask("GET", "/telemetry/config")
	if response.Code != http.StatusOK || response.Body.String() != "log.level: info (default)\n" || !strings.HasPrefix(response.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("status %d, header %v: %s", response.Code, response.Header(), response.Body)
	}
}

func TestConfigurationThatCannotBeShownIsAnError(t *testing.T) {
	h := serve(t, local(), func(p *admin.Parts) {
		p.Config = func(w io.Writer) error { _, _ = io.WriteString(w, "half"); return errPart }
	})
	response := h.ask("GET", "/telemetry/config")
	if body := response.Body.String(); response.Code != http.StatusInternalServerError || strings.Contains(body, "half") || strings.Contains(body, "hunter2") {
		t.Errorf("status %d: %s", response.Code, body)
	}
	if got := h.failures(); got != "serve admin: write configuration: "+errPart.Error() {
		t.Errorf("failed: %q", got)
	}
}

func TestIndexHasWhatIsHere(t *testing.T) {
	for name, test := range map[string]struct {
		config admin.Config
		change func(*admin.Parts)
		want   string
	}{
		"everything": {withProfiles(local()), nil, "/health /health/ /metrics /telemetry/config /telemetry/loggers /telemetry/loggers /telemetry/loggers" +
			" /telemetry/loggers/{logger} /telemetry/loggers/{logger} /telemetry/metrics /telemetry/metrics/{metric} /telemetry/metrics/{metric}" +
			" /debug/pprof/ /debug/pprof/{profile} /debug/pprof/profile /debug/pprof/trace"},
		"metrics alone": {local(), func(p *admin.Parts) { *p = admin.Parts{Metrics: p.Metrics} }, "/health /health/ /metrics"},
		"nothing":       {local(), func(p *admin.Parts) { *p = admin.Parts{} }, "/health /health/"},
	} {
		t.Run(name, func(t *testing.T) {
			h := serve(t, test.config, test.change)
			var paths []string
			for line := range strings.Lines(h.ask("GET", "/").Body.String()) {
				paths = append(paths, strings.Fields(line)[1])
			}
			if diff := cmp.Diff(strings.Fields(test.want), paths); diff != "" {
				t.Errorf("index (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPartThatIsNotThereHasNoRoute(t *testing.T) {
	h := serve(t, local(), func(p *admin.Parts) { *p = admin.Parts{} })
	for _, request := range everything() {
		method, target, _ := strings.Cut(request, " ")
		want := http.StatusNotFound
		if target == "/" || strings.HasPrefix(target, "/health/") {
			want = http.StatusOK
		}
		if response := h.ask(method, target); response.Code != want {
			t.Errorf("%s: status %d, want %d", request, response.Code, want)
		}
	}
}

func TestHealthIsSetLater(t *testing.T) {
	h := serve(t, local(), nil)
	for _, health := range []struct {
		handler http.Handler
		code    int
		body    string
	}{
		{nil, http.StatusNotFound, "no health checks are registered\n"},
		{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) }), http.StatusOK, ""},
		{nil, http.StatusNotFound, "no health checks are registered\n"},
	} {
		h.SetHealth(health.handler)
		for _, path := range []string{"/health", "/health/live", "/health/a/b"} {
			want := health.body
			if want == "" {
				want = path
			}
			if response := h.ask("GET", path); response.Code != health.code || response.Body.String() != want {
				t.Errorf("%s: status %d: %s", path, response.Code, response.Body)
			}
		}
	}
}

// TestControlsConcurrentSafe has callers change and read the same things at
// once, and health come and go.
func TestControlsConcurrentSafe(t *testing.T) {
	h := serve(t, withProfiles(local()), nil)
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for _, request := range append(everything(), "GET /health") {
				method, target, _ := strings.Cut(request, " ")
				if strings.Contains(target, "seconds=") {
					continue // One at a time: the others are refused.
				}
				if response := h.ask(method, target); response.Code != http.StatusOK {
					t.Errorf("%s: status %d: %s", request, response.Code, response.Body)
				}
				h.SetHealth(text(fmt.Sprint("healthy ", worker)))
			}
		})
	}
	all.Wait()
	if told := h.told(); len(told) < 12 {
		t.Errorf("%d changes were told of", len(told))
	}
	run(t, h, []step{{"GET /telemetry/metrics", `{"off":[]}`, ""}, {"GET /telemetry/loggers", `{"loggers":[{"logger":"","level":"info"}]}`, ""}})
}
