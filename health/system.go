package health

import (
	"context"
	"math"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/disk"
	"github.com/shirou/gopsutil/v4/mem"
)

// systemInterval is how often the system's figures are read. The CPU figure is the average
// over it.
const systemInterval = 10 * time.Second

// systemSample is what the system's figures were at one moment. A nil figure is unknown.
type systemSample struct {
	hostname          string
	cpu, memory, disk *float64
}

// systemSampler reads the system's figures on a schedule, so that a probe costs no system
// call and does not wait for one.
type systemSampler struct {
	last atomic.Pointer[systemSample]
}

func (s *systemSampler) schedule(ctx context.Context) {
	ticker := time.NewTicker(systemInterval)
	defer ticker.Stop()
	for {
		s.last.Store(sampleSystem(ctx))
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func sampleSystem(ctx context.Context) *systemSample {
	sample := &systemSample{}
	sample.hostname, _ = os.Hostname()
	// An interval of 0 compares with the call before, and does not wait.
	if percents, err := cpu.PercentWithContext(ctx, 0, false); err == nil && len(percents) > 0 {
		sample.cpu = percent(percents[0])
	}
	if memory, err := mem.VirtualMemoryWithContext(ctx); err == nil {
		sample.memory = percent(memory.UsedPercent)
	}
	if usage, err := disk.UsageWithContext(ctx, "/"); err == nil {
		sample.disk = percent(usage.UsedPercent)
	}
	return sample
}

// percent rounds to two decimals, and drops what JSON cannot carry.
func percent(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	v = math.Round(v*100) / 100
	return &v
}

// systemBody is the system object of the detailed body. Figures that are unknown are null.
type systemBody struct {
	Hostname         string   `json:"hostname"`
	System           string   `json:"system"`
	GoVersion        string   `json:"go_version"`
	CPUPercent       *float64 `json:"cpu_percent"`
	MemoryPercent    *float64 `json:"memory_percent"`
	DiskUsagePercent *float64 `json:"disk_usage_percent"`
	Goroutines       int      `json:"goroutines"`
}

func (s *systemSampler) body() systemBody {
	body := systemBody{System: runtime.GOOS, GoVersion: runtime.Version(), Goroutines: runtime.NumGoroutine()}
	if last := s.last.Load(); last != nil {
		body.Hostname = last.hostname
		body.CPUPercent, body.MemoryPercent, body.DiskUsagePercent = last.cpu, last.memory, last.disk
	}
	return body
}
