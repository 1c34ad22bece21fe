package kubernetes_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// folder holds the manifests, and service is the name of what they deploy.
const (
	folder  = "../../../examples/kubernetes"
	service = "tutorflow-api"
	gateway = "otel-collector"
)

// object is what the checks read of any object.
type object struct {
	Kind       string
	Metadata   metadata
	Data       map[string]string
	StringData map[string]string `yaml:"stringData"`
	Spec       spec
}

type metadata struct {
	Name, Namespace string
	Labels          map[string]string
}

type spec struct {
	Replicas    int
	MinReplicas int      `yaml:"minReplicas"`
	Selector    selector // of a Deployment, a Service, a PodDisruptionBudget, a PodMonitor
	Template    struct {
		Metadata metadata
		Spec     pod
	}
	Strategy struct {
		RollingUpdate struct {
			MaxUnavailable any `yaml:"maxUnavailable"`
		} `yaml:"rollingUpdate"`
	}
	MaxUnavailable any `yaml:"maxUnavailable"`
	ScaleTargetRef struct {
		Kind, Name string
	} `yaml:"scaleTargetRef"`
	Ports []struct {
		Name       string
		Port       int
		TargetPort string `yaml:"targetPort"`
	}
	JobLabel              string     `yaml:"jobLabel"`
	PodMetricsEndpoints   []endpoint `yaml:"podMetricsEndpoints"`
	SampleLimit           int        `yaml:"sampleLimit"`
	LabelLimit            int        `yaml:"labelLimit"`
	LabelNameLengthLimit  int        `yaml:"labelNameLengthLimit"`
	LabelValueLengthLimit int        `yaml:"labelValueLengthLimit"`
	BodySizeLimit         string     `yaml:"bodySizeLimit"`
}

type endpoint struct {
	Port, Path  string
	HonorLabels bool `yaml:"honorLabels"`
	Relabelings []struct {
		SourceLabels []string `yaml:"sourceLabels"`
		Separator    string
		TargetLabel  string `yaml:"targetLabel"`
	}
}

type pod struct {
	TerminationGracePeriodSeconds int   `yaml:"terminationGracePeriodSeconds"`
	AutomountServiceAccountToken  *bool `yaml:"automountServiceAccountToken"`
	HostNetwork                   bool  `yaml:"hostNetwork"`
	SecurityContext               struct {
		RunAsNonRoot   bool  `yaml:"runAsNonRoot"`
		RunAsUser      int64 `yaml:"runAsUser"`
		SeccompProfile struct {
			Type string
		} `yaml:"seccompProfile"`
	} `yaml:"securityContext"`
	TopologySpreadConstraints []struct {
		LabelSelector selector `yaml:"labelSelector"`
	} `yaml:"topologySpreadConstraints"`
	Containers []container
	Volumes    []struct {
		ConfigMap struct {
			Name string
		} `yaml:"configMap"`
	}
}

type container struct {
	Name, Image string
	Args        []string
	Ports       []struct {
		Name          string
		ContainerPort int `yaml:"containerPort"`
	}
	Env       []variable
	Resources struct {
		Limits map[string]string
	}
	StartupProbe    *probe `yaml:"startupProbe"`
	LivenessProbe   *probe `yaml:"livenessProbe"`
	ReadinessProbe  *probe `yaml:"readinessProbe"`
	SecurityContext struct {
		AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
		Privileged               bool
		Capabilities             struct {
			Add, Drop []string
		}
	} `yaml:"securityContext"`
}

type variable struct {
	Name, Value string
	ValueFrom   struct {
		FieldRef struct {
			FieldPath string `yaml:"fieldPath"`
		} `yaml:"fieldRef"`
		SecretKeyRef struct {
			Name, Key string
		} `yaml:"secretKeyRef"`
	} `yaml:"valueFrom"`
}

type probe struct {
	HTTPGet struct {
		Path, Port string
	} `yaml:"httpGet"`
}

// selector is the labels to select by, with or without matchLabels around them.
type selector map[string]string

func (s *selector) UnmarshalYAML(node *yaml.Node) error {
	var wrapped struct {
		MatchLabels map[string]string `yaml:"matchLabels"`
	}
	if err := node.Decode(&wrapped); err == nil && wrapped.MatchLabels != nil {
		*s = wrapped.MatchLabels
		return nil
	}
	return node.Decode((*map[string]string)(s))
}

// build returns what "kubectl apply -k" sends to the cluster.
func build(t *testing.T) []byte {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		t.Fatal(err)
	}
	text, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// manifests are all objects. The caller may change them.
type manifests []object

func read(t *testing.T, text []byte) (all manifests) {
	t.Helper()
	for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var one object
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
}

// of returns the object of a kind and a name, or one that is empty.
func (m manifests) of(kind, name string) *object {
	i := slices.IndexFunc(m, func(o object) bool { return o.Kind == kind && o.Metadata.Name == name })
	if i < 0 {
		return new(object)
	}
	return &m[i]
}

// container returns the container of a Deployment, which has one.
func (m manifests) container(name string) *container {
	containers := m.of("Deployment", name).Spec.Template.Spec.Containers
	if len(containers) == 0 {
		return new(container)
	}
	return &containers[0]
}

// each returns the objects of a kind.
func (m manifests) each(kind string) (found []object) {
	for _, o := range m {
		if o.Kind == kind {
			found = append(found, o)
		}
	}
	return found
}
