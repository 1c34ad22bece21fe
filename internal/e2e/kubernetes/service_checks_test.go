package kubernetes_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/health"
	"github.com/tutorflow/observability/telemetry/config"
)

// probes checks that each probe asks for its path, which the handler knows.
func probes(checker *health.Checker) check {
	mux := http.NewServeMux()
	checker.Mount(mux)
	return func(m manifests) (wrong []string) {
		c := m.container(service)
		for want, p := range map[string]*probe{"/health/startup": c.StartupProbe, "/health/live": c.LivenessProbe, "/health/ready": c.ReadinessProbe} {
			if p == nil || p.HTTPGet.Path != want {
				wrong = append(wrong, "no probe of its kind asks for "+want)
				continue
			}
			answer := httptest.NewRecorder()
			mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, p.HTTPGet.Path, nil))
			if answer.Code == http.StatusNotFound {
				wrong = append(wrong, p.HTTPGet.Path+" is not served")
			}
		}
		return wrong
	}
}

// settings checks that the SDK takes the environment and warns of none of it.
func settings(m manifests) (wrong []string) {
	loaded, err := load(m)
	if err != nil {
		return []string{err.Error()}
	}
	return append(wrong, loaded.Warnings()...)
}

func load(m manifests) (*config.Loaded, error) {
	var environ []string
	for name, value := range m.container(service).variables() {
		environ = append(environ, name+"="+value)
	}
	loaded, err := config.Load(environ)
	if err == nil {
		loaded.Config.Service.Name = service // as code does
		err = loaded.Validate()
	}
	return loaded, err
}

// closing is how long the example may take to close its parts after the SDK has
// ended: the timeout of app.Close.
const closing = 10 * time.Second

func ending(m manifests) (wrong []string) {
	for _, name := range []string{"TUTORFLOW_DRAIN_DELAY", "TUTORFLOW_GRACE_PERIOD", "TUTORFLOW_FLUSH_TIMEOUT"} {
		if m.container(service).variables()[name] == "" {
			wrong = append(wrong, name+" is not set")
		}
	}
	loaded, err := load(m)
	if err != nil {
		return append(wrong, err.Error())
	}
	end := loaded.Config.Shutdown
	if end.DrainDelay < 5*time.Second {
		wrong = append(wrong, fmt.Sprintf("a drain delay of %s is shorter than the news of a pod's end takes", end.DrainDelay))
	}
	given := time.Duration(m.of("Deployment", service).Spec.Template.Spec.TerminationGracePeriodSeconds) * time.Second
	if need := end.DrainDelay + end.GracePeriod + end.FlushTimeout + closing; given <= need {
		wrong = append(wrong, fmt.Sprintf("the pod has %s to end and may need %s", given, need))
	}
	return wrong
}

// identity checks that what is pushed and what is scraped have the same job and
// instance.
func identity(m manifests) (wrong []string) {
	loaded, err := load(m)
	if err != nil {
		return []string{err.Error()}
	}
	attributes := loaded.Config.Service.Attributes
	monitor := m.of("PodMonitor", service)
	if got := monitor.Metadata.Labels[monitor.Spec.JobLabel]; got != service {
		wrong = append(wrong, fmt.Sprintf("the job of the scrape is %q", got))
	}
	if got, set := attributes["service.namespace"]; set {
		wrong = append(wrong, fmt.Sprintf("the job of what is pushed begins with %q", got))
	}
	instance := ""
	for _, e := range monitor.Spec.PodMetricsEndpoints {
		for _, r := range e.Relabelings {
			if r.TargetLabel == "instance" {
				instance = strings.NewReplacer(
					"__meta_kubernetes_namespace", "namespace",
					"__meta_kubernetes_pod_name", "pod",
					"__meta_kubernetes_pod_container_name", m.container(service).Name,
				).Replace(strings.Join(r.SourceLabels, r.Separator))
			}
		}
	}
	if got := attributes["service.instance.id"]; got == "" || got != instance {
		wrong = append(wrong, fmt.Sprintf("the instance is %q pushed and %q scraped", got, instance))
	}
	for name, want := range map[string]string{
		"k8s.namespace.name": "namespace", "k8s.pod.name": "pod", "k8s.node.name": "node", "k8s.container.name": m.container(service).Name,
	} {
		if got := attributes[name]; got != want {
			wrong = append(wrong, fmt.Sprintf("the resource has the %s %q", name, got))
		}
	}
	return wrong
}

// scraping checks that the labels of the metrics are kept, and that the limits
// are those of the scrape configuration beside the rules.
func scraping(m manifests) (wrong []string) {
	monitor := m.of("PodMonitor", service).Spec
	for _, e := range monitor.PodMetricsEndpoints {
		if !e.HonorLabels {
			wrong = append(wrong, "the labels endpoint and service are renamed")
		}
		if e.Path != "/metrics" {
			wrong = append(wrong, "the scrape is of "+e.Path)
		}
	}
	text, err := fs.ReadFile(alerting.FS(), "prometheus.yml")
	if err != nil {
		return append(wrong, err.Error())
	}
	var prometheus struct {
		ScrapeConfigs []struct {
			SampleLimit           int    `yaml:"sample_limit"`
			LabelLimit            int    `yaml:"label_limit"`
			LabelNameLengthLimit  int    `yaml:"label_name_length_limit"`
			LabelValueLengthLimit int    `yaml:"label_value_length_limit"`
			BodySizeLimit         string `yaml:"body_size_limit"`
		} `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal(text, &prometheus); err != nil || len(prometheus.ScrapeConfigs) == 0 {
		return append(wrong, fmt.Sprintf("alerting/prometheus.yml has no scrape_configs: %v", err))
	}
	want := prometheus.ScrapeConfigs[0]
	got := want
	got.SampleLimit, got.LabelLimit, got.BodySizeLimit = monitor.SampleLimit, monitor.LabelLimit, monitor.BodySizeLimit
	got.LabelNameLengthLimit, got.LabelValueLengthLimit = monitor.LabelNameLengthLimit, monitor.LabelValueLengthLimit
	if got != want || want.SampleLimit == 0 {
		wrong = append(wrong, fmt.Sprintf("the limits are %+v, those of alerting/prometheus.yml %+v", got, want))
	}
	return wrong
}

// export checks that the service sends to the Collector's Service, and the
// Collector listens on the ports that its container has.
func export(m manifests) (wrong []string) {
	to, err := url.Parse(m.container(service).variables()["OTEL_EXPORTER_OTLP_ENDPOINT"])
	if err != nil {
		return []string{err.Error()}
	}
	found := false
	for _, p := range m.of("Service", to.Hostname()).Spec.Ports {
		found = found || fmt.Sprint(p.Port) == to.Port() && p.TargetPort == "otlp-http"
	}
	if !found {
		wrong = append(wrong, fmt.Sprintf("nothing takes OTLP over HTTP at %s", to))
	}
	volumes := m.of("Deployment", gateway).Spec.Template.Spec.Volumes
	if len(volumes) != 1 {
		return append(wrong, fmt.Sprintf("the Collector has %d volumes, want its configuration", len(volumes)))
	}
	text := m.of("ConfigMap", volumes[0].ConfigMap.Name).Data["config.yaml"]
	for _, p := range m.container(gateway).Ports {
		if !strings.Contains(text, fmt.Sprintf("endpoint: 0.0.0.0:%d\n", p.ContainerPort)) && !strings.Contains(text, fmt.Sprintf("port: %d\n", p.ContainerPort)) {
			wrong = append(wrong, fmt.Sprintf("the Collector does not listen on %d", p.ContainerPort))
		}
	}
	return wrong
}
