package boards

import (
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
)

func (s set) goroutines() *grafana.Panel {
	return grafana.Timeseries("Goroutines",
		"Goroutines by instance. They follow the traffic; a number that only climbs is a leak, which TutorFlowGoroutineLeak judges from the line on. Take a goroutine profile and look for the most frequent stack.", "short",
		grafana.Query(perProcess("go_goroutines"), byInstance)).
		Limit(s.Goroutines).NoValue(noProcess)
}

func (s set) threads() *grafana.Panel {
	return grafana.Timeseries("OS threads",
		"Threads by instance. They are never given back, so a step up marks a moment at which many blocking system calls or cgo calls ran at once; look at files and DNS.", "short",
		grafana.Query(perProcess("go_threads"), byInstance)).
		NoValue(noProcess)
}

func (s set) restarts() *grafana.Panel {
	return grafana.Timeseries("Restarts by instance, last hour",
		"Starts of the process within the hour before. One instance alone has a bad host or a poisoned job, all of them a bad release or a dependency that they need at start.", "short",
		grafana.Query(restartsOf(), byInstance)).
		NoValue(noProcess)
}

func (s set) gcPause() *grafana.Panel {
	// Prometheus 3 stores the quantile 1 as 1.0.
	longest := `quantile=~"1([.]0)?"`
	return grafana.Timeseries("Longest GC pause",
		"The longest of the recent pauses in which no goroutine runs. Above a few milliseconds it is part of the latency: the process has too little CPU, as a container that is throttled has.", "s",
		grafana.Query(perProcess("go_gc_duration_seconds", longest), byInstance)).
		Width(6).NoValue(noProcess)
}

func (s set) gcCycles() *grafana.Panel {
	return grafana.Timeseries("GC cycles",
		"Garbage collections a second. Many while the heap stays small: allocate less, or raise GOGC or GOMEMLIMIT.", "cps",
		grafana.Query(ofSDK(promql.Rate(scoped("go_gc_duration_seconds_count"))), byInstance)).
		Width(6).NoValue(noProcess)
}

func (s set) allocations() *grafana.Panel {
	return grafana.Timeseries("Allocation rate",
		"Bytes allocated a second, which is what the garbage collector has to work off. A step after a release is worth an allocation profile.", "Bps",
		grafana.Query(ofSDK(promql.Rate(scoped("go_memstats_alloc_bytes_total"))), byInstance)).
		Width(6).NoValue(noProcess)
}

func (s set) heapObjects() *grafana.Panel {
	return grafana.Timeseries("Heap objects",
		"Objects on the heap. When they climb and never fall back after a collection, something keeps them: compare two heap profiles.", "short",
		grafana.Query(perProcess("go_memstats_heap_objects"), byInstance)).
		Width(6).NoValue(noProcess)
}
