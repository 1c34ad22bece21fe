package alerts_test

import (
	"flag"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/alerting/alerts"
)

// parse returns the thresholds that the generators have with args.
func parse(t *testing.T, args ...string) alerts.Thresholds {
	t.Helper()
	set, thresholds := flag.NewFlagSet("", flag.ContinueOnError), alerts.Defaults()
	set.SetOutput(io.Discard)
	alerts.Flags(set, &thresholds)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return thresholds
}

// others gives each flag a valid value that is not its default.
func others(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{"latency": "2.5", "external-latency": "5", "probes": "/ping"}
	set, thresholds := flag.NewFlagSet("", flag.ContinueOnError), alerts.Defaults()
	alerts.Flags(set, &thresholds)
	set.VisitAll(func(f *flag.Flag) {
		if _, ok := found[f.Name]; ok {
			return
		}
		v, err := strconv.ParseFloat(f.DefValue, 64)
		if err != nil {
			t.Fatalf("default of -%s: %v", f.Name, err)
		}
		if v < 1 {
			found[f.Name] = "0.9375"
		} else {
			found[f.Name] = fmt.Sprint(v + 1236)
		}
	})
	return found
}

func TestEveryThresholdHasAFlag(t *testing.T) {
	before := reflect.ValueOf(alerts.Defaults())
	setBy := map[string]string{}
	for name, value := range others(t) {
		after := reflect.ValueOf(parse(t, "-"+name, value))
		for i := range before.NumField() {
			if after.Field(i).Equal(before.Field(i)) {
				continue
			}
			field := before.Type().Field(i).Name
			if by := setBy[field]; by != "" {
				t.Errorf("%s is set by -%s and by -%s", field, by, name)
			}
			setBy[field] = name
			if got := fmt.Sprint(after.Field(i)); got != value {
				t.Errorf("-%s %s made %s %s", name, value, field, got)
			}
			// The name of the flag is that of the field in lower case.
			if want := strings.ReplaceAll(name, "-", ""); strings.ToLower(field) != want {
				t.Errorf("-%s sets %s", name, field)
			}
		}
	}
	for i := range before.NumField() {
		if field := before.Type().Field(i).Name; setBy[field] == "" {
			t.Errorf("no flag sets %s", field)
		}
	}
}

// expressions are those of all rules; the texts of an alert do not change when it
// fires.
func expressions(thresholds alerts.Thresholds) string {
	var all []string
	for _, r := range alerts.Records(thresholds) {
		all = append(all, r.Expr)
	}
	for _, a := range alerts.All(thresholds) {
		all = append(all, a.Expr())
	}
	return strings.Join(all, "\n")
}

func TestEveryFlagChangesTheRules(t *testing.T) {
	before := expressions(alerts.Defaults())
	for name, value := range others(t) {
		thresholds := parse(t, "-"+name, value)
		if err := thresholds.Validate(); err != nil {
			t.Errorf("-%s %s: %v", name, value, err)
		}
		// A bucket bound is written as a regular expression.
		after := expressions(thresholds)
		if after == before || !strings.Contains(after, value) && !strings.Contains(after, strings.ReplaceAll(value, ".", "[.]")) {
			t.Errorf("-%s %s is not in the rules (changed: %t)", name, value, after != before)
		}
	}
}

// Whatever else is compared with a number written into the code would stay behind
// when its flag is used.
func TestOnlyWhatNobodyTunesIsNoFlag(t *testing.T) {
	var args []string
	for name, value := range others(t) {
		args = append(args, "-"+name, value)
	}
	after := alerts.All(parse(t, args...))
	var got []string
	for i, a := range alerts.All(alerts.Defaults()) {
		for j, c := range a.Conditions {
			if c == after[i].Conditions[j] {
				got = append(got, c.Series)
			}
		}
	}
	want := []string{
		alerts.InstancesUp, alerts.InstanceUp, alerts.MetricsPresent, alerts.HealthCheckUp,
		alerts.BurnRate("1h"), alerts.BurnRate("5m"), alerts.BurnRate("6h"), alerts.BurnRate("30m"),
		alerts.BurnRate("1d"), alerts.BurnRate("2h"), alerts.BurnRate("3d"), alerts.BurnRate("6h"),
		alerts.LatencyBucket, alerts.RewrittenSeries, alerts.ScrapeErrors, alerts.FailedExportRatio,
		alerts.GoroutineGrowth, alerts.GoroutineTrend,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("conditions without a flag differ (-want +got):\n%s", diff)
	}
}

func TestValidThresholds(t *testing.T) {
	for name, args := range map[string][]string{
		"the defaults":                  nil,
		"no floor":                      {"-min-bad-events", "0", "-min-budget-events", "0", "-min-pool-size", "0", "-min-bookings", "0"},
		"nearly everything":             {"-availability-objective", "0.99999", "-pool-utilization", "0.9999"},
		"the first and last bounds":     {"-latency", "0.005", "-external-latency", "5"},
		"a burn rate that can be":       {"-latency-objective", "0.931"},
		"no endpoint that is polled":    {"-probes", ""},
		"an endpoint that has a suffix": {"-probes", "/health[.]json|/metrics"},
	} {
		if err := parse(t, args...).Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInvalidThresholdsAreNamedWithWhatIsAllowed(t *testing.T) {
	tests := map[string]struct{ name, value, want string }{
		"a share of nothing":         {"error-ratio", "0", "error-ratio: 0 is not between 0 and 1"},
		"a share of all":             {"availability-objective", "1", "availability-objective: 1 is not between 0 and 1"},
		"a share in percent":         {"latency-objective", "99", "latency-objective: 99 is not between 0 and 1"},
		"a negative share":           {"pool-utilization", "-0.1", "pool-utilization: -0.1 is not between 0 and 1"},
		"a share that is no number":  {"file-descriptors", "NaN", "file-descriptors: NaN is not between 0 and 1"},
		"a negative number":          {"min-bad-events", "-1", "min-bad-events: -1 is not between 0 and 1e9"},
		"a number that is none":      {"goroutines", "NaN", "goroutines: NaN is not between 0 and 1e9"},
		"an endless number":          {"scrape-samples", "+Inf", "scrape-samples: +Inf is not between 0 and 1e9"},
		"a number that is too large": {"restarts", "1e10", "restarts: 1e+10 is not between 0 and 1e9"},
		"no bound of a bucket": {"latency", "0.3",
			"latency: 0.3 is no bucket bound of tutorflow_http_request_duration_seconds, which has [0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10]"},
		"no bound of a bucket of calls": {"external-latency", "0.05",
			"external-latency: 0.05 is no bucket bound of tutorflow_external_service_duration_seconds, which has [0.1 0.25 0.5 1 2.5 5 10]"},
		"a bound that no percentile exceeds": {"latency", "10",
			"latency: 10 is the last bucket bound of tutorflow_http_request_duration_seconds, which no percentile exceeds"},
		"a bound that no percentile of calls exceeds": {"external-latency", "10",
			"external-latency: 10 is the last bucket bound of tutorflow_external_service_duration_seconds, which no percentile exceeds"},
		"a burn rate that cannot be": {"latency-objective", "0.93",
			"latency-objective: 0.93 is not above 0.93056, and the budget is so large that it cannot burn 14.4 times too fast"},
		"a burn rate of failures that cannot be": {"availability-objective", "0.9",
			"availability-objective: 0.9 is not above 0.93056, and the budget is so large that it cannot burn 14.4 times too fast"},
		"a broken expression": {"probes", "/health(", "probes: error parsing regexp: missing closing ): `/health(`"},
		"a backslash":         {"probes", `/health\.json`, `probes: "/health\\.json" holds a quotation mark, a backslash or a line break; a dot can be written [.]`},
		"a quotation mark":    {"probes", `/"`, `probes: "/\"" holds a quotation mark, a backslash or a line break; a dot can be written [.]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := parse(t, "-"+tt.name, tt.value).Validate()
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("error differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryThresholdIsValidated(t *testing.T) {
	for i := range reflect.TypeFor[alerts.Thresholds]().NumField() {
		thresholds := alerts.Defaults()
		field := reflect.ValueOf(&thresholds).Elem().Field(i)
		if field.Kind() == reflect.String {
			field.SetString("(")
		} else {
			field.SetFloat(math.NaN())
		}
		if err := thresholds.Validate(); err == nil {
			t.Errorf("%s may be %v", reflect.TypeFor[alerts.Thresholds]().Field(i).Name, field)
		}
	}
}

func TestAllInvalidThresholdsAreReported(t *testing.T) {
	err := parse(t, "-error-ratio", "2", "-latency", "3", "-goroutines", "-1", "-probes", ")").Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{"error-ratio", "latency", "goroutines", "probes"} {
		if !strings.Contains("\n"+err.Error(), "\n"+name+": ") {
			t.Errorf("%s is not in %q", name, err)
		}
	}
}
