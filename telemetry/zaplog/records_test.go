package zaplog_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/contrib/bridges/otelzap"
	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/internal/jsonline"
)

// records are what an OpenTelemetry logger provider exports.
type records struct {
	core zapcore.Core
	mu   sync.Mutex
	got  []sdklog.Record
	// exporting is called with each record.
	exporting func(context.Context)
}

func newRecords(t testing.TB) *records {
	t.Helper()
	r := &records{exporting: func(context.Context) {}}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(r)), sdklog.WithAttributeCountLimit(-1))
	r.core = otelzap.NewCore("unnamed", otelzap.WithLoggerProvider(provider))
	t.Cleanup(func() {
		if err := provider.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	return r
}

func (r *records) Export(ctx context.Context, exported []sdklog.Record) error {
	r.exporting(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range exported {
		r.got = append(r.got, exported[i].Clone())
	}
	return nil
}

func (*records) ForceFlush(context.Context) error { return nil }
func (*records) Shutdown(context.Context) error   { return nil }

func (r *records) take() []sdklog.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.got
	r.got = nil
	return got
}

// attributes are those of r, as Go values.
func attributes(r *sdklog.Record) map[string]any {
	found := map[string]any{}
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		found[string(kv.Key)] = plain(kv.Value)
		return true
	})
	return found
}

func plain(v attribute.Value) any {
	switch v.Type() {
	case attribute.MAP:
		found := map[string]any{}
		for _, kv := range v.AsMap() {
			found[string(kv.Key)] = plain(kv.Value)
		}
		return found
	case attribute.SLICE:
		found := []any{}
		for _, e := range v.AsSlice() {
			found = append(found, plain(e))
		}
		return found
	}
	return v.AsInterface()
}

// sameRecords fails the test unless every line has a record that says the same.
func sameRecords(t testing.TB, lines []string, got []sdklog.Record) {
	t.Helper()
	if len(got) != len(lines) {
		t.Errorf("there are %d records of %d lines", len(got), len(lines))
		return
	}
	for i, line := range lines {
		// What takes cmp for ever is a list in a list, thirty times.
		if of, on := ofLine(t, line), ofRecord(t, &got[i]); !reflect.DeepEqual(of, on) {
			t.Errorf("a record differs from its line (-line +record):\n%s", cmp.Diff(fmt.Sprint(of), fmt.Sprint(on)))
		}
	}
}

// ofLine is the line without what is not on a record.
func ofLine(t testing.TB, line string) map[string]any {
	object, err := jsonline.Decode(line)
	if err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	for _, key := range []string{"app", "environment", "version", ""} { // the SDK takes no empty key
		delete(object, key)
	}
	if module, ok := object["module"].(string); ok {
		object["function"] = module + "." + object["function"].(string)
		delete(object, "module")
	}
	return object
}

// ofRecord is the record as its line says it, without what is not on a line.
func ofRecord(t testing.TB, r *sdklog.Record) map[string]any {
	found := attributes(r)
	rename := map[string]string{"code.function.name": "function", "code.line.number": "line"}
	for from, to := range rename {
		if v, ok := found[from]; ok {
			found[to] = v
			delete(found, from)
		}
	}
	delete(found, "code.file.path")
	if name, ok := found["function"].(string); ok {
		found["function"] = strings.ReplaceAll(name, "%2e", ".")
		if !strings.Contains(name, ".") {
			found["function"] = name + "."
		}
	}
	found["timestamp"] = r.Timestamp().UTC().Truncate(time.Microsecond).Format("2006-01-02T15:04:05.000000Z")
	found["level"] = strings.TrimRight(strings.Replace(r.Severity().String(), "FATAL", "ERROR", 1), "1234")
	found["logger"] = r.InstrumentationScope().Name
	found["message"] = r.Body().AsString()
	if r.TraceID().IsValid() {
		found["trace_id"], found["span_id"] = r.TraceID().String(), r.SpanID().String()
	}
	encoded, err := json.Marshal(found)
	if err != nil {
		t.Fatal(err)
	}
	var normal map[string]any // numbers are alike
	if err := json.Unmarshal(encoded, &normal); err != nil {
		t.Fatal(err)
	}
	return normal
}
