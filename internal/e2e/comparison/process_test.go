package comparison_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/exporters"
)

// programVariable and wiringVariable tell a process of its own what to run.
const (
	programVariable = "COMPARISON_PROGRAM"
	wiringVariable  = "COMPARISON_WIRING"
)

// programs are what is run in a process of its own, for its end or its stdout.
func programs() map[string]func(*service) error {
	return map[string]func(*service) error{
		"start": func(*service) error { return nil },
		"panic in a callback": func(s *service) error {
			calls := make(chan struct{}, 3)
			s.observe(func(context.Context) error {
				select {
				case calls <- struct{}{}:
				default: // enough
				}
				panic(panicText)
			})
			for range cap(calls) {
				<-calls
			}
			return nil
		},
		"requests": func(s *service) error {
			server := s.serve()
			defer server.Close()
			client := server.Client()
			client.Timeout = 5 * time.Second
			for i := range 300 {
				request, err := http.NewRequest(http.MethodGet, server.URL+"/work", nil)
				if err != nil {
					return err
				}
				request.Header.Set("User-Agent", strings.Repeat("a", 8000))
				response, err := client.Do(request)
				if err != nil {
					// What waits for stdout would hold up the end of the server.
					fmt.Fprintf(os.Stderr, "request %d is not answered\n", i+1)
					os.Exit(1)
				}
				_ = response.Body.Close()
			}
			return nil
		},
	}
}

// runProgram is the main function of such a process.
func runProgram(name string) int {
	w := sdk
	if os.Getenv(wiringVariable) == plain.name {
		w = plain
	}
	s, err := w.start(nil)
	if err == nil {
		err = programs()[name](s)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = s.shutdown(ctx) // stdout may be broken
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// process runs a program to its end, and returns how it ended, and what it
// wrote to stderr.
func process(t *testing.T, w wiring, program string, stdout *os.File) (stderr string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	var text bytes.Buffer
	c := exec.CommandContext(ctx, os.Args[0])
	c.Env = append(os.Environ(), programVariable+"="+program, wiringVariable+"="+w.name, "GORACE=atexit_sleep_ms=0")
	c.Stderr = &text
	if stdout != nil {
		c.Stdout = stdout
	}
	err = c.Run()
	if ctx.Err() != nil {
		t.Fatalf("the process does not end: %s", text.String())
	}
	return text.String(), err
}

// end says how a process ended that did not end well.
func end(stderr string, err error) error {
	if err == nil {
		return nil
	}
	for line := range strings.Lines(stderr) {
		if strings.HasPrefix(line, "panic: ") {
			stderr = line // a stack follows
			break
		}
	}
	if stderr = strings.TrimSpace(stderr); stderr == "" {
		stderr = "nothing on stderr"
	}
	return fmt.Errorf("the process ends with %w: %s", err, stderr)
}

func processPromises() []promise {
	return []promise{
		{
			section: "2.3", name: "a callback that panics ends no process",
			environment: map[string]string{"OTEL_METRIC_EXPORT_INTERVAL": "50"},
			broken: func(t *testing.T, w wiring) error {
				collect(t, exporters.ProtocolGRPC)
				return end(process(t, w, "panic in a callback", nil))
			},
			plain: "exit status 2: panic: " + panicText,
		},
		{
			section: "5.7", name: "a wrong setting is an error at the start, which names it",
			environment: map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_BSP_MAX_QUEUE_SIZE": "-1"},
			broken: func(t *testing.T, w wiring) error {
				stderr, err := process(t, w, "start", nil)
				if err == nil {
					return errors.New("the service starts")
				}
				if strings.Contains(stderr, "panic: ") || !strings.Contains(stderr, "OTEL_BSP_MAX_QUEUE_SIZE") {
					return end(stderr, err)
				}
				return nil
			},
			plain: "exit status 2: panic: runtime error: makeslice: cap out of range",
		},
		{
			section: "8.1", name: "a stdout that its reader closed ends no process",
			broken: func(t *testing.T, w wiring) error {
				read, write := pipe(t)
				_ = read.Close()
				return end(process(t, w, "requests", write))
			},
			plain: "signal: broken pipe",
		},
		{
			section: "8.2", name: "a stdout that nobody reads holds up no request",
			broken: func(t *testing.T, w wiring) error {
				_, write := pipe(t)
				return end(process(t, w, "requests", write))
			},
			plain: "is not answered",
		},
	}
}

func pipe(t *testing.T) (read, write *os.File) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = read.Close()
		_ = write.Close()
	})
	return read, write
}
