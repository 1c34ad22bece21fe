package telemetry_test

import (
	"net/http"
	"runtime"
	"testing"
	"time"
)

// TestRestartsLeaveNothingBehind has a process end its telemetry and begin anew,
// as tests and servers that reload do.
func TestRestartsLeaveNothingBehind(t *testing.T) {
	restart := func(times int) {
		for i := range times {
			o := begin(t, i%2 == 0)
			o.use(t)
			if code := get(t, o.MetricsHandler(), "/metrics").Code; code != http.StatusOK {
				t.Fatalf("a scrape: status %d, want 200", code)
			}
			o.end(t)
		}
	}
	measure := func() (goroutines, files int, heap uint64) {
		for range 3 { // pools are emptied by the second collection
			runtime.GC()
		}
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return runtime.NumGoroutine(), descriptors(t), memory.HeapAlloc
	}
	const times = 200
	restart(20) // what is made once, caches included
	goroutines, files, heap := measure()
	restart(times)
	// Some of other tests may still be on their way out; a leak would be 200.
	const others = 10
	for range 100 {
		if runtime.NumGoroutine() <= goroutines+others {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	nowGoroutines, nowFiles, nowHeap := measure()
	if nowGoroutines > goroutines+others {
		t.Errorf("%d goroutines after %d restarts, before %d", nowGoroutines, times, goroutines)
	}
	if nowFiles > files+others {
		t.Errorf("%d descriptors after %d restarts, before %d", nowFiles, times, files)
	}
	// An instance that stayed would be some hundred kilobytes.
	if most := heap + times*5<<10; nowHeap > most {
		t.Errorf("%d bytes of heap after %d restarts, before %d: %d more each", nowHeap, times, heap, (nowHeap-heap)/times)
	}
}
