package checks_test

import (
	"database/sql"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/health"
	"github.com/tutorflow/observability/health/checks"
)

func TestMistakesAreReportedByNew(t *testing.T) {
	_, err := health.New("1.4.0",
		checks.SQL("database", nil, health.Timeout(-1)),
		checks.HTTP("relative", "/status?token=s3cret"),
		checks.HTTP("other_scheme", "ftp://user:hunter2@files.example/"),
		checks.HTTP("broken", "http://user:hunter2@host:port/"),
		checks.TCP("no_port", "127.0.0.1"),
		checks.TCP("no_host", ":6379"),
		checks.Disk("disk", "", math.NaN()),
	)
	if err == nil {
		t.Fatal("no error")
	}
	want := []string{
		`configure health checks: check "database": timeout -1ns: must be between 1ms and 24h`,
		`check "database": db nil: must be an open *sql.DB`,
		`check "relative": url with host "": must be an absolute http or https URL`,
		`check "other_scheme": url with host "files.example": must be an absolute http or https URL`,
		`check "broken": url: must be an absolute http or https URL, and does not parse`,
		`check "no_port": addr "127.0.0.1": must be host:port`,
		`check "no_host": addr ":6379": must be host:port`,
		`check "disk": path "": must be a path on the file system`,
		`min free NaN: must be above 0 and below 100 percent`,
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOptionsReachTheCheck(t *testing.T) {
	opts := []health.Option{health.NonCritical(), health.Interval(time.Minute)}
	for name, check := range map[string]health.Check{
		"SQL":  checks.SQL("a", &sql.DB{}, opts...),
		"HTTP": checks.HTTP("a", "http://127.0.0.1/", opts...),
		"TCP":  checks.TCP("a", "127.0.0.1:1", opts...),
		"Disk": checks.Disk("a", "/", 10, opts...),
	} {
		if !check.NonCritical || check.Interval != time.Minute || check.Name != "a" || check.Err != nil || check.Run == nil {
			t.Errorf("%s: %+v", name, check)
		}
	}
}
