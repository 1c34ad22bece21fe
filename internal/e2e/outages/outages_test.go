package outages_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// The cases mostly wait.
	if err := flag.Set("test.parallel", "10"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// recovery is how long after the end of an outage deliveries must go on.
const recovery = 15 * time.Second

// outage is something that happens to a collector.
type outage struct {
	// start and stop begin and end it.
	start func(*otlpcollector.Collector)
	stop  func(*otlpcollector.Collector) error
	// loses is set where items are lost, and then must be counted as such.
	loses bool
}

// behaving is an outage of a collector that does as it is told.
func behaving(b otlpcollector.Behaviour, loses bool) outage {
	return outage{
		start: func(c *otlpcollector.Collector) { c.Set(b) },
		stop:  func(c *otlpcollector.Collector) error { c.Set(otlpcollector.Behaviour{}); return nil },
		loses: loses,
	}
}

func outages() map[string]outage {
	return map[string]outage{
		"down":            {start: (*otlpcollector.Collector).Stop, stop: (*otlpcollector.Collector).Restart, loses: true},
		"closing":         behaving(otlpcollector.Behaviour{Close: true}, true),
		"hanging":         behaving(otlpcollector.Behaviour{Hang: true}, true),
		"slow":            behaving(otlpcollector.Behaviour{Delay: 150 * time.Millisecond}, false),
		"429 with a time": behaving(otlpcollector.Behaviour{Failure: otlpcollector.Exhausted, RetryAfter: time.Second, Message: "later"}, true),
		"429 without":     behaving(otlpcollector.Behaviour{Failure: otlpcollector.Exhausted, Message: "later"}, true),
		"503":             behaving(otlpcollector.Behaviour{Failure: otlpcollector.Unavailable}, true),
		"500":             behaving(otlpcollector.Behaviour{Failure: otlpcollector.Internal, Message: "broken\nand\x1b[31m more"}, true),
		"partial success": behaving(otlpcollector.Behaviour{Reject: 1, Message: "one is enough"}, true),
	}
}

// each runs a test for both protocols.
func each(t *testing.T, name string, test func(t *testing.T, protocol string)) {
	for _, protocol := range []string{exporters.ProtocolGRPC, exporters.ProtocolHTTP} {
		t.Run(fmt.Sprintf("%s over %s", name, protocol), func(t *testing.T) {
			t.Parallel()
			test(t, protocol)
		})
	}
}

// busy is how many items a collector that is slow alone may cost: on a busy machine
// an export may time out.
const busy = 100

func TestOutageInTheMiddle(t *testing.T) {
	for name, o := range outages() {
		each(t, name, func(t *testing.T, protocol string) {
			collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
			s := start(t, collector.Base(), protocol, "")
			well := s.measure(time.Second)
			s.awaitDelivery(collector, recovery)

			o.start(collector)
			during := s.measure(3 * time.Second)
			if err := o.stop(collector); err != nil {
				t.Fatal(err)
			}
			s.awaitDelivery(collector, recovery)
			s.endLoad()

			during.asFastAs(t, well)
			s.balance(collector)
			if dropped := s.dropped("traces") + s.dropped("logs") + s.dropped("metrics"); dropped == 0 && o.loses {
				t.Error("nothing is counted as dropped")
			} else if dropped > busy && !o.loses {
				t.Errorf("%v items are counted as dropped", dropped)
			}
			if err := s.shutdown(); err != nil {
				t.Errorf("Shutdown: %v\n%s", err, s.failures())
			}
			s.lastValues(collector)
		})
	}
}

func TestCollectorThatIsDownAtTheStart(t *testing.T) {
	each(t, "down", func(t *testing.T, protocol string) {
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
		collector.Stop()
		s := start(t, collector.Base(), protocol, "")
		during := s.measure(3 * time.Second)
		if err := collector.Restart(); err != nil {
			t.Fatal(err)
		}
		s.awaitDelivery(collector, recovery)
		well := s.measure(time.Second)
		s.endLoad()
		during.asFastAs(t, well)
		s.balance(collector)
		if err := s.shutdown(); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		s.lastValues(collector)
	})
}

func TestCollectorThatIsNotToBeTrusted(t *testing.T) {
	each(t, "bad TLS", func(t *testing.T, protocol string) {
		certificates, err := otlpcollector.NewCertificates(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		server, err := certificates.TLS(certificates.Server, false)
		if err != nil {
			t.Fatal(err)
		}
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol, TLS: server})
		s := start(t, collector.Base(), protocol, certificates.OtherCA)
		during := s.measure(3 * time.Second)
		s.endLoad()
		during.fast(t)
		s.balance(collector)
		if collector.Items(exporters.Traces)+collector.Items(exporters.Logs)+collector.Items(exporters.Metrics) != 0 {
			t.Error("something was delivered to a collector that nobody vouches for")
		}
		for _, first := range collector.FirstBytes() {
			if first != 0x16 {
				t.Errorf("a connection begins with %#x, in clear", first)
			}
		}
		_ = s.shutdown() // tells of the last export
	})
}

// TestEndDuringAnOutage ends the service while the collector does not take what
// is left.
func TestEndDuringAnOutage(t *testing.T) {
	for name, o := range outages() {
		if !o.loses || name == "partial success" {
			continue
		}
		each(t, name, func(t *testing.T, protocol string) {
			collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
			s := start(t, collector.Base(), protocol, "")
			s.measure(500 * time.Millisecond)
			o.start(collector)
			s.measure(500 * time.Millisecond)
			s.endLoad()
			s.balanceAtTheEnd(collector)
		})
	}
}
