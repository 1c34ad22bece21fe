package zaplog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

const burst = 10_000

// children are the scenarios that need a process of their own, for its
// descriptors 1 and 2 or for its end. They answer with the exit status and
// write what they saw to descriptor 3.
var children = map[string]func() int{
	// Logs a burst to stdout, waits for its fate and reports it.
	"burst": func() int {
		p := stdoutPipeline()
		start := time.Now()
		for i := range burst {
			p.Logger().Info("m", zap.Int("i", i))
		}
		logging := time.Since(start)
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		start = time.Now()
		err := p.Shutdown(ctx)
		took := time.Since(start)
		p.Logger().Error("after the end")
		again := p.Shutdown(context.Background())
		counts := dropped(p)
		tell("logging_ms=%d shutdown_ms=%d again=%t queue_full=%d write_error=%d closed=%d err=%v", logging.Milliseconds(), took.Milliseconds(),
			fmt.Sprint(again) == fmt.Sprint(err), counts["queue_full"], counts["write_error"], counts["closed"], err)
		return 0
	},
	"fatal": func() int {
		stdoutPipeline().Logger().Fatal("the last words")
		return 0
	},
	"panic": func() int {
		defer func() {
			_ = recover()
			os.Exit(7) // no Shutdown
		}()
		stdoutPipeline().Logger().Panic("the last words")
		return 0
	},
}

func stdoutPipeline() *zaplog.Pipeline {
	out, err := zaplog.Stdout()
	if err != nil {
		panic(err)
	}
	p, err := zaplog.New(service, out)
	if err != nil {
		panic(err)
	}
	return p
}

func tell(format string, args ...any) { fmt.Fprintf(os.NewFile(3, "report"), format, args...) }

type outcome struct {
	exit           int
	stderr, report string
}

func (o outcome) number(t *testing.T, name string) int {
	t.Helper()
	var n int
	_, rest, ok := strings.Cut(o.report, name+"=")
	if _, err := fmt.Sscan(rest, &n); !ok || err != nil {
		t.Fatalf("no %s in %q, stderr %q", name, o.report, o.stderr)
	}
	return n
}

// play runs a scenario with the given stdout and, if it is not nil, stderr.
func play(t *testing.T, scenario string, stdout, stderr *os.File) outcome {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("descriptors are not inherited on this system")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	var errText bytes.Buffer
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+scenario, "GORACE=atexit_sleep_ms=0")
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = stdout, &errText, []*os.File{write}
	if stderr != nil {
		cmd.Stderr = stderr
	}
	err = cmd.Run()
	write.Close()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var report bytes.Buffer
	if _, err := report.ReadFrom(read); err != nil {
		t.Fatal(err)
	}
	return outcome{cmd.ProcessState.ExitCode(), errText.String(), report.String()}
}

func TestClosedStdoutDoesNotKill(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read.Close()
	defer write.Close()
	for name, stderr := range map[string]*os.File{"stderr is open": nil, "stderr is the same closed pipe": write} {
		t.Run(name, func(t *testing.T) {
			got := play(t, "burst", write, stderr)
			lost := got.number(t, "write_error") + got.number(t, "queue_full")
			if got.exit != 0 || lost != burst || got.number(t, "closed") != 1 || !strings.Contains(got.report, "err=write log lines") ||
				!strings.Contains(got.report, "again=true") {
				t.Errorf("got %+v", got)
			}
			if stderr == nil && (strings.Count(got.stderr, "\n") != 1 || !strings.Contains(got.stderr, "broken pipe")) {
				t.Errorf("stderr: %q", got.stderr)
			}
		})
	}
}

func TestFullDiskIsCountedAndReported(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer full.Close()
	got := play(t, "burst", full, nil)
	lost := got.number(t, "write_error") + got.number(t, "queue_full")
	if got.exit != 0 || lost != burst || !strings.Contains(got.report, syscall.ENOSPC.Error()) {
		t.Errorf("got %+v", got)
	}
	if strings.Count(got.stderr, "\n") != 1 || !strings.Contains(got.stderr, syscall.ENOSPC.Error()) {
		t.Errorf("stderr: %q", got.stderr)
	}
}

func TestStalledStdoutBlocksNothing(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	got := play(t, "burst", write, nil) // it ends before anybody reads
	write.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(read); err != nil {
		t.Fatal(err)
	}
	if got.exit != 0 || got.number(t, "logging_ms") > 5000 || got.number(t, "shutdown_ms") > 2000 || !strings.Contains(got.report, "deadline exceeded") {
		t.Errorf("got %+v", got)
	}
	// What is neither counted nor delivered was being written at the end.
	delivered := bytes.Count(out.Bytes(), []byte("\n"))
	counted := got.number(t, "queue_full") + got.number(t, "write_error") + got.number(t, "closed") - 1
	if missing := burst - delivered - counted; delivered == 0 || missing < 0 || missing > 64<<10/200 {
		t.Errorf("%d delivered and %d counted of %d: %+v", delivered, counted, burst, got)
	}
}

func TestLastWordsAreWritten(t *testing.T) {
	for scenario, exit := range map[string]int{"fatal": 1, "panic": 7} {
		t.Run(scenario, func(t *testing.T) {
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer read.Close()
			got := play(t, scenario, write, nil)
			write.Close()
			var out bytes.Buffer
			if _, err := out.ReadFrom(read); err != nil {
				t.Fatal(err)
			}
			if got.exit != exit || !strings.Contains(out.String(), `"level":"ERROR","logger":"tutorflow","message":"the last words"`) {
				t.Errorf("got %+v, stdout %q", got, out.String())
			}
		})
	}
}
