package kubernetes_test

import (
	"strings"
	"testing"

	"github.com/tutorflow/observability/health"
)

// env changes the variable of the service's container.
func env(m manifests, name string) *variable {
	c := m.container(service)
	for i := range c.Env {
		if c.Env[i].Name == name {
			return &c.Env[i]
		}
	}
	return new(variable)
}

// replaceArg changes the arguments of the service's container.
func replaceArg(m manifests, from, to string) {
	args := m.container(service).Args
	for i := range args {
		args[i] = strings.Replace(args[i], from, to, 1)
	}
}

// Every check passes on the manifests, and finds the defects that plant puts
// into them: a check that finds nothing proves nothing.
func TestManifestHygiene(t *testing.T) {
	checker, err := health.New("1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = checker.Shutdown(t.Context()) }()
	pods := func(m manifests) *pod { return &m.of("Deployment", service).Spec.Template.Spec }
	labels := func(m manifests) map[string]string {
		return m.of("Deployment", service).Spec.Template.Metadata.Labels
	}
	monitor := func(m manifests) *spec { return &m.of("PodMonitor", service).Spec }
	yes := true

	text := build(t)
	for name, test := range map[string]struct {
		check check
		plant map[string]func(manifests)
	}{
		"selectors select the pods of their own": {selectors, map[string]func(manifests){
			"a pod with another label": func(m manifests) { labels(m)["app.kubernetes.io/name"] = "api" },
			"a Service of other pods":  func(m manifests) { m.of("Service", service).Spec.Selector["app.kubernetes.io/name"] = gateway },
			"a monitor of none":        func(m manifests) { monitor(m).Selector["tier"] = "web" },
			"a budget of all": func(m manifests) {
				clear(m.of("PodDisruptionBudget", service).Spec.Selector)
			},
			"other pods spread": func(m manifests) { pods(m).TopologySpreadConstraints[0].LabelSelector["tier"] = "web" },
			"a missing target":  func(m manifests) { m.of("HorizontalPodAutoscaler", gateway).Spec.ScaleTargetRef.Name = "collector" },
		}},
		"ports that are named are there": {ports, map[string]func(manifests){
			"a probe of another port":    func(m manifests) { m.container(service).LivenessProbe.HTTPGet.Port = "web" },
			"no startup probe":           func(m manifests) { m.container(service).StartupProbe = nil },
			"a scrape of another port":   func(m manifests) { monitor(m).PodMetricsEndpoints[0].Port = "metrics" },
			"no scrape":                  func(m manifests) { monitor(m).PodMetricsEndpoints = nil },
			"a Service to another port":  func(m manifests) { m.of("Service", gateway).Spec.Ports[0].TargetPort = "grpc" },
			"a container at another one": func(m manifests) { m.container(service).Ports[0].ContainerPort = 8080 },
		}},
		"probes ask for the paths of the health contract": {probes(checker), map[string]func(manifests){
			"a path that is not":      func(m manifests) { m.container(service).StartupProbe.HTTPGet.Path = "/healthz" },
			"liveness of what others": func(m manifests) { m.container(service).LivenessProbe.HTTPGet.Path = "/health/ready" },
			"no readiness":            func(m manifests) { m.container(service).ReadinessProbe = nil },
		}},
		"what is referred to exists": {references, map[string]func(manifests){
			"another key":       func(m manifests) { env(m, "TUTORFLOW_ADMIN_TOKEN").ValueFrom.SecretKeyRef.Key = "token" },
			"another Secret":    func(m manifests) { m.of("Secret", service).Metadata.Name = "secret" },
			"another ConfigMap": func(m manifests) { m.of("Deployment", gateway).Spec.Template.Spec.Volumes[0].ConfigMap.Name = gateway },
			"another namespace": func(m manifests) { m.of("Service", service).Metadata.Namespace = "default" },
		}},
		"pods have no privileges": {privileges, map[string]func(manifests){
			"root":                func(m manifests) { pods(m).SecurityContext.RunAsUser = 0 },
			"maybe root":          func(m manifests) { pods(m).SecurityContext.RunAsNonRoot = false },
			"no seccomp profile":  func(m manifests) { pods(m).SecurityContext.SeccompProfile.Type = "Unconfined" },
			"a token":             func(m manifests) { pods(m).AutomountServiceAccountToken = &yes },
			"the node's network":  func(m manifests) { pods(m).HostNetwork = true },
			"escalation":          func(m manifests) { m.container(service).SecurityContext.AllowPrivilegeEscalation = nil },
			"a privileged one":    func(m manifests) { m.container(service).SecurityContext.Privileged = true },
			"a writable root":     func(m manifests) { m.container(gateway).SecurityContext.ReadOnlyRootFilesystem = false },
			"a capability":        func(m manifests) { m.container(service).SecurityContext.Capabilities.Add = []string{"NET_ADMIN"} },
			"capabilities kept":   func(m manifests) { m.container(service).SecurityContext.Capabilities.Drop = nil },
			"an unseen container": func(m manifests) { pods(m).Containers = append(pods(m).Containers, container{}) },
		}},
		"a roll-out or a drained node leaves pods that serve": {rollout, map[string]func(manifests){
			"one replica":          func(m manifests) { m.of("Deployment", service).Spec.Replicas = 1 },
			"one scaled":           func(m manifests) { m.of("HorizontalPodAutoscaler", gateway).Spec.MinReplicas = 1 },
			"replicas and a scale": func(m manifests) { m.of("Deployment", gateway).Spec.Replicas = 2 },
			"pods that go first":   func(m manifests) { m.of("Deployment", service).Spec.Strategy.RollingUpdate.MaxUnavailable = "25%" },
			"no budget":            func(m manifests) { m.of("PodDisruptionBudget", gateway).Metadata.Name = "other" },
		}},
		"images have a version and no host": {images, map[string]func(manifests){
			"no version":    func(m manifests) { m.container(service).Image = "tutorflow/tutorflow-api" },
			"latest":        func(m manifests) { m.container(service).Image = "tutorflow/tutorflow-api:latest" },
			"a host's name": func(m manifests) { m.container(gateway).Image = "registry.example/" + m.container(gateway).Image },
		}},
		"Go's memory limit follows the container's": {memory, map[string]func(manifests){
			"a larger limit": func(m manifests) { m.container(service).Resources.Limits["memory"] = "512Mi" },
			"all of it":      func(m manifests) { env(m, "GOMEMLIMIT").Value = "256MiB" },
			"none":           func(m manifests) { delete(m.container(gateway).Resources.Limits, "memory") },
		}},
		"the SDK takes and reads the settings": {settings, map[string]func(manifests){
			"a wrong value":         func(m manifests) { env(m, "OTEL_TRACES_SAMPLER").Value = "sometimes" },
			"a misspelt name":       func(m manifests) { env(m, "OTEL_TRACES_SAMPLER").Name = "OTEL_TRACE_SAMPLER" },
			"a time without a unit": func(m manifests) { env(m, "TUTORFLOW_DRAIN_DELAY").Value = "10" },
		}},
		"a pod has the time to end": {ending, map[string]func(manifests){
			"the default of 30 s": func(m manifests) { pods(m).TerminationGracePeriodSeconds = 30 },
			"as long as it takes": func(m manifests) { pods(m).TerminationGracePeriodSeconds = 40 },
			"a longer drain":      func(m manifests) { env(m, "TUTORFLOW_DRAIN_DELAY").Value = "15s" },
			"no drain":            func(m manifests) { env(m, "TUTORFLOW_DRAIN_DELAY").Value = "0s" },
			"a default":           func(m manifests) { env(m, "TUTORFLOW_FLUSH_TIMEOUT").Name = "OTHER" },
		}},
		"job and instance are the same scraped and pushed": {identity, map[string]func(manifests){
			"the pod's name too late": func(m manifests) {
				c := m.container(service)
				c.Env = append(c.Env, *env(m, "POD_NAME"))
				env(m, "POD_NAME").Name = "OTHER"
			},
			"a namespace of the service": func(m manifests) { env(m, "OTEL_RESOURCE_ATTRIBUTES").Value += ",service.namespace=tutorflow" },
			"another instance":           func(m manifests) { monitor(m).PodMetricsEndpoints[0].Relabelings = nil },
			"another job":                func(m manifests) { monitor(m).JobLabel = "" },
			"no node": func(m manifests) {
				v := env(m, "OTEL_RESOURCE_ATTRIBUTES")
				v.Value = strings.Replace(v.Value, "k8s.node.name", "node", 1)
			},
		}},
		"the scrape keeps labels and has limits": {scraping, map[string]func(manifests){
			"labels renamed": func(m manifests) { monitor(m).PodMetricsEndpoints[0].HonorLabels = false },
			"another path":   func(m manifests) { monitor(m).PodMetricsEndpoints[0].Path = "/prometheus" },
			"no limit":       func(m manifests) { monitor(m).SampleLimit = 0 },
			"a lower limit":  func(m manifests) { monitor(m).LabelLimit = 10 },
		}},
		"the database's password is that of the Secret": {database(t), map[string]func(manifests){
			"a password in the URL":      func(m manifests) { replaceArg(m, "tutorflow@", "tutorflow:hunter2@") },
			"a variable of another name": func(m manifests) { env(m, "PGPASSWORD").Name = "PGPASS" },
			"in clear":                   func(m manifests) { replaceArg(m, "sslmode=require", "sslmode=disable") },
			"a file of each pod":         func(m manifests) { m.container(service).Args = []string{"-addr=:8000"} },
		}},
		"OTLP goes to the Collector": {export, map[string]func(manifests){
			"another name":       func(m manifests) { env(m, "OTEL_EXPORTER_OTLP_ENDPOINT").Value = "http://collector:4318" },
			"the port of gRPC":   func(m manifests) { env(m, "OTEL_EXPORTER_OTLP_ENDPOINT").Value = "http://otel-collector:4317" },
			"a port left closed": func(m manifests) { m.container(gateway).Ports[0].ContainerPort = 4320 },
			"no configuration":   func(m manifests) { m.of("Deployment", gateway).Spec.Template.Spec.Volumes = nil },
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, wrong := range test.check(read(t, text)) {
				t.Error(wrong)
			}
			for defect, plant := range test.plant {
				m := read(t, text)
				plant(m)
				if len(test.check(m)) == 0 {
					t.Errorf("%s is not found", defect)
				}
			}
		})
	}
}
