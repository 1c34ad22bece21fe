package comparison_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// What the libraries say on stderr would stand between the rows.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {}))
	otel.SetLogger(logr.Discard())
	if name := os.Getenv(programVariable); name != "" {
		os.Exit(runProgram(name))
	}
	os.Exit(m.Run())
}

// promise is what a service may expect of its telemetry.
type promise struct {
	// section is that of the list of faults.
	section string
	name    string
	// environment configures the service.
	environment map[string]string
	// broken runs a service and says how the promise is broken; nil is kept.
	broken func(*testing.T, wiring) error
	// plain is a part of what broken says of the libraries wired by hand.
	plain string
}

func promises() []promise {
	return slices.Concat(spanPromises(), metricPromises(), lossPromises(), httpPromises(), logPromises(), processPromises())
}

// TestComparisonWithTheLibrariesWiredByHand fails where the SDK breaks a promise,
// and where the libraries alone do not break it as the table says.
func TestComparisonWithTheLibrariesWiredByHand(t *testing.T) {
	var rows []string
	for _, p := range promises() {
		t.Run(p.name, func(t *testing.T) {
			t.Run(sdk.name, func(t *testing.T) {
				// The plain libraries may have left something behind.
				before := goleak.IgnoreCurrent()
				t.Cleanup(func() { goleak.VerifyNone(t, before) })
				p.configure(t)
				if err := p.broken(t, sdk); err != nil {
					t.Error(err)
				}
			})
			t.Run(plain.name, func(t *testing.T) {
				p.configure(t)
				broken := p.broken(t, plain)
				if err := p.asStated(broken); err != nil {
					t.Fatal(err)
				}
				rows = append(rows, fmt.Sprintf("| %s | %s | %s |", p.section, p.name, strings.ReplaceAll(broken.Error(), "\n", "; ")))
			})
		})
	}
	t.Logf("what the plain libraries do:\n| faults | promise | plain libraries |\n|---|---|---|\n%s", strings.Join(rows, "\n"))
}

// configure sets the environment for a test, and unsets what else would
// configure its services.
func (p promise) configure(t *testing.T) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "OTEL_") || strings.HasPrefix(name, "TUTORFLOW_") {
			t.Setenv(name, "")
		}
	}
	for name, value := range p.environment {
		t.Setenv(name, value)
	}
}

// asStated compares how the plain libraries broke the promise with the table.
func (p promise) asStated(broken error) error {
	switch {
	case p.plain == "":
		return errors.New("the table does not say how the plain libraries break this")
	case broken == nil:
		return errors.New("the plain libraries now keep this: drop the row or say so")
	case !strings.Contains(broken.Error(), p.plain):
		return fmt.Errorf("the plain libraries break this in another way than %q: %w", p.plain, broken)
	}
	return nil
}

// TestRowFailsUnlessThePlainLibrariesBreakItAsStated is about the test above.
func TestRowFailsUnlessThePlainLibrariesBreakItAsStated(t *testing.T) {
	for name, test := range map[string]struct {
		plain  string
		broken error
		want   string
	}{
		"broken as stated":      {"0 of 3", errors.New("0 of 3 spans"), ""},
		"kept":                  {"0 of 3", nil, "the plain libraries now keep this"},
		"broken in another way": {"0 of 3", errors.New("no answer"), "in another way"},
		"nothing stated":        {"", errors.New("0 of 3 spans"), "does not say"},
	} {
		t.Run(name, func(t *testing.T) {
			err := promise{plain: test.plain}.asStated(test.broken)
			if (err != nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
