package boards

import (
	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// runtime shows the Go process: what it uses and how the runtime fares.
func (s set) runtime() grafana.Dashboard {
	d := board(runtimeUID, "TutorFlow / Go runtime",
		"Which version runs where, and the CPU, memory, goroutines and garbage collection of each process.", "6h")
	versions, restarts, descriptors := s.versions(), s.restarts(), s.descriptors()
	d.Layout(
		grafana.Row{Title: "At a glance", Panels: []*grafana.Panel{
			s.instances().Detail(versions), s.uptime().Detail(restarts), s.restartsNow().Detail(restarts), s.descriptorsNow().Detail(descriptors),
		}},
		grafana.Row{Title: "Versions", Panels: []*grafana.Panel{
			versions, s.goVersions(),
		}},
		grafana.Row{Title: "Process", Panels: []*grafana.Panel{
			s.cpu(), s.memory(), descriptors,
		}},
		grafana.Row{Title: "Concurrency and starts", Panels: []*grafana.Panel{
			s.goroutines(), s.threads(), restarts,
		}},
		grafana.Row{Title: "Garbage collection", Panels: []*grafana.Panel{
			s.gcPause(), s.gcCycles(), s.allocations(), s.heapObjects(),
		}},
		s.alertRow(d.UID),
	)
	return d
}

func (s set) instances() *grafana.Panel {
	return grafana.Stat("Instances",
		"Processes on the scrape that run this SDK. Fewer than deployed means that some are not scraped: see TutorFlow / Telemetry.", "short",
		grafana.Query("count by (job) ("+scoped(catalog.ApplicationInfo).String()+")", "{{job}}")).
		NoValue(noProcess)
}

func (s set) uptime() *grafana.Panel {
	return grafana.Stat("Uptime, youngest process",
		"Time since the last start of any process of the job. When it is short and nobody deployed, look which instances restart below, and in their logs before the start.", "s",
		grafana.Query("time() - "+promql.Max(perProcess(processStart), "job"), "{{job}}")).
		Decimals(1).NoValue(noProcess)
}

// restartsOf counts new starts under the same instance, which rate cannot do.
func restartsOf() string {
	return ofSDK("changes(" + scoped(processStart).String() + "[1h])")
}

func (s set) restartsNow() *grafana.Panel {
	return grafana.Stat("Restarts, last hour",
		"Starts of processes that were already there within the hour. 0 is healthy; more without a deploy is a crash, an exhausted memory limit or a failing liveness probe. A pod that is replaced has another instance and is not counted.", "short",
		grafana.Query(promql.Sum(restartsOf(), "job"), "{{job}}")).
		Limits(1, s.Restarts+1).Decimals(0).NoValue(noProcess)
}

func (s set) descriptorsNow() *grafana.Panel {
	return grafana.Stat("File descriptors, fullest process",
		"Share of the allowed file descriptors that the fullest process has open, as the rules record it. At 100% it accepts no connection; look for response bodies that are not closed.", "percentunit",
		grafana.Query(promql.Max(scoped(alerts.FileDescriptors).String(), "job"), "{{job}}")).
		Limits(s.FileDescriptors/2, s.FileDescriptors).Decimals(1).NoValue(noTarget)
}

func (s set) versions() *grafana.Panel {
	info := scoped(catalog.ApplicationInfo).String()
	return grafana.Timeseries("Instances by version, revision and environment",
		"Which program runs on how many instances. A roll-out is two bands that cross; two that stay means that it is stuck.", "short",
		grafana.Query("count by (job, version, revision, environment) ("+info+")", "{{job}} {{version}} {{revision}} {{environment}}")).
		Width(12).Stacked().NoValue(noProcess)
}

func (s set) goVersions() *grafana.Panel {
	return grafana.Timeseries("Instances by Go version",
		"The Go release that the processes were built with. More than one is a roll-out, or a build that was forgotten.", "short",
		grafana.Query("count by (job, version) ("+perProcess("go_info")+")", "{{job}} {{version}}")).
		Width(12).Stacked().NoValue(noProcess)
}

func (s set) cpu() *grafana.Panel {
	return grafana.Timeseries("CPU used",
		"Cores that each process uses, and those that it may use at once (GOMAXPROCS). At that line requests queue for the CPU: take a CPU profile, or add instances.", "short",
		grafana.Query(ofSDK(promql.Rate(scoped("process_cpu_seconds_total"))), "used "+byInstance),
		grafana.Query(perProcess("go_sched_gomaxprocs_threads"), "GOMAXPROCS "+byInstance)).
		NoValue(noProcess)
}

func (s set) memory() *grafana.Panel {
	return grafana.Timeseries("Resident memory and heap",
		"Memory that the kernel has given the process, the heap in it, and the soft limit GOMEMLIMIT where one is set. A heap that grows over days is a leak: take a heap profile. Near the limit the collector takes the CPU.", "bytes",
		grafana.Query(perProcess("process_resident_memory_bytes"), "resident "+byInstance),
		grafana.Query(perProcess("go_memstats_heap_inuse_bytes"), "heap "+byInstance),
		// Without a limit the metric is the largest int64, which would flatten the rest.
		grafana.Query(ofSDK("("+scoped("go_gc_gomemlimit_bytes").String()+" < 1e15)"), "GOMEMLIMIT "+byInstance)).
		NoValue(noProcess)
}

func (s set) descriptors() *grafana.Panel {
	return grafana.Timeseries("File descriptors used",
		"Share of the allowed file descriptors that is open. Above the line for ten minutes TutorFlowFileDescriptorsHigh warns. A slow climb is connections or files that nobody closes.", "percentunit",
		grafana.Query("("+perProcess("process_open_fds")+") / ("+scoped("process_max_fds").String()+" > 0)", byInstance)).
		Limit(s.FileDescriptors).NoValue(noProcess)
}
