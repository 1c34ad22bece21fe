package kubernetes_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A check returns what is wrong with the manifests.
type check func(manifests) []string

// selects reports whether a selector picks the pods of a Deployment.
func (s selector) selects(o object) bool {
	for name, value := range s {
		if o.Spec.Template.Metadata.Labels[name] != value {
			return false
		}
	}
	return len(s) > 0
}

// selected returns the Deployments whose pods an object selects.
func (m manifests) selected(by object) (found []object) {
	for _, o := range m.each("Deployment") {
		if by.Spec.Selector.selects(o) {
			found = append(found, o)
		}
	}
	return found
}

func (o object) String() string { return o.Kind + " " + o.Metadata.Name }

func selectors(m manifests) (wrong []string) {
	for _, kind := range []string{"Deployment", "Service", "PodDisruptionBudget", "PodMonitor"} {
		for _, o := range m.each(kind) {
			if found := m.selected(o); len(found) != 1 || found[0].Metadata.Name != o.Metadata.Name {
				wrong = append(wrong, fmt.Sprintf("%s selects the pods of %v", o, found))
			}
		}
	}
	for _, o := range m.each("Deployment") {
		for _, c := range o.Spec.Template.Spec.TopologySpreadConstraints {
			if !c.LabelSelector.selects(o) {
				wrong = append(wrong, fmt.Sprintf("%s spreads other pods than its own", o))
			}
		}
	}
	for _, o := range m.each("HorizontalPodAutoscaler") {
		if to := o.Spec.ScaleTargetRef; m.of(to.Kind, to.Name).Kind == "" {
			wrong = append(wrong, fmt.Sprintf("%s scales %s %s, which is not there", o, to.Kind, to.Name))
		}
	}
	return wrong
}

// ports checks that what is named is a port of the container.
func ports(m manifests) (wrong []string) {
	for _, o := range m.each("Deployment") {
		c := m.container(o.Metadata.Name)
		named := func(port string) bool {
			for _, p := range c.Ports {
				if port != "" && port == p.Name {
					return true
				}
			}
			return false
		}
		for name, p := range map[string]*probe{"startup": c.StartupProbe, "liveness": c.LivenessProbe, "readiness": c.ReadinessProbe} {
			if p == nil || !named(p.HTTPGet.Port) {
				wrong = append(wrong, fmt.Sprintf("%s has no %s probe of a port that is there", o, name))
			}
		}
		for _, p := range m.of("Service", o.Metadata.Name).Spec.Ports {
			if !named(p.TargetPort) {
				wrong = append(wrong, fmt.Sprintf("Service %s leads to the port %q", o.Metadata.Name, p.TargetPort))
			}
		}
		monitor := m.of("PodMonitor", o.Metadata.Name)
		for _, e := range monitor.Spec.PodMetricsEndpoints {
			if !named(e.Port) {
				wrong = append(wrong, fmt.Sprintf("%s scrapes the port %q", monitor, e.Port))
			}
		}
		if len(monitor.Spec.PodMetricsEndpoints) != 1 {
			wrong = append(wrong, fmt.Sprintf("%s is not scraped once", o))
		}
	}
	// The container listens where its port says.
	c := m.container(service)
	if len(c.Ports) != 1 || !slices.Contains(c.Args, fmt.Sprintf("-addr=:%d", c.Ports[0].ContainerPort)) {
		wrong = append(wrong, fmt.Sprintf("%s listens at %v and has the ports %v", service, c.Args, c.Ports))
	}
	return wrong
}

// references checks that Secrets, their keys and ConfigMaps that are named exist.
func references(m manifests) (wrong []string) {
	for _, o := range m.each("Deployment") {
		for _, v := range m.container(o.Metadata.Name).Env {
			if from := v.ValueFrom.SecretKeyRef; from.Name != "" {
				if _, ok := m.of("Secret", from.Name).StringData[from.Key]; !ok {
					wrong = append(wrong, fmt.Sprintf("%s: %s is %s of the Secret %s, which is not there", o, v.Name, from.Key, from.Name))
				}
			}
		}
		for _, v := range o.Spec.Template.Spec.Volumes {
			if name := v.ConfigMap.Name; name != "" && m.of("ConfigMap", name).Kind == "" {
				wrong = append(wrong, fmt.Sprintf("%s mounts the ConfigMap %s, which is not there", o, name))
			}
		}
	}
	for _, o := range m {
		if o.Kind != "Namespace" && o.Metadata.Namespace != m.each("Namespace")[0].Metadata.Name {
			wrong = append(wrong, fmt.Sprintf("%s is in the namespace %q", o, o.Metadata.Namespace))
		}
	}
	return wrong
}

func privileges(m manifests) (wrong []string) {
	for _, o := range m.each("Deployment") {
		p, c := o.Spec.Template.Spec, m.container(o.Metadata.Name).SecurityContext
		for rule, kept := range map[string]bool{
			"one container":          len(p.Containers) == 1,
			"no root":                p.SecurityContext.RunAsNonRoot && p.SecurityContext.RunAsUser > 0,
			"a seccomp profile":      p.SecurityContext.SeccompProfile.Type == "RuntimeDefault",
			"no token":               p.AutomountServiceAccountToken != nil && !*p.AutomountServiceAccountToken,
			"no network of the node": !p.HostNetwork,
			"no escalation":          c.AllowPrivilegeEscalation != nil && !*c.AllowPrivilegeEscalation && !c.Privileged,
			"a read-only root":       c.ReadOnlyRootFilesystem,
			"no capabilities":        slices.Equal(c.Capabilities.Drop, []string{"ALL"}) && len(c.Capabilities.Add) == 0,
		} {
			if !kept {
				wrong = append(wrong, fmt.Sprintf("%s does not have %s", o, rule))
			}
		}
	}
	return wrong
}

// rollout checks that there is always a pod that serves.
func rollout(m manifests) (wrong []string) {
	for _, o := range m.each("Deployment") {
		replicas := o.Spec.Replicas
		if scaler := m.of("HorizontalPodAutoscaler", o.Metadata.Name); scaler.Kind != "" {
			if replicas != 0 {
				wrong = append(wrong, fmt.Sprintf("%s resets what its HorizontalPodAutoscaler set", o))
			}
			replicas = scaler.Spec.MinReplicas
		}
		if replicas < 2 {
			wrong = append(wrong, fmt.Sprintf("%s has %d replicas", o, replicas))
		}
		if o.Spec.Strategy.RollingUpdate.MaxUnavailable != 0 {
			wrong = append(wrong, fmt.Sprintf("%s stops pods before new ones are ready", o))
		}
		if m.of("PodDisruptionBudget", o.Metadata.Name).Spec.MaxUnavailable != 1 {
			wrong = append(wrong, fmt.Sprintf("%s has no PodDisruptionBudget of one pod", o))
		}
	}
	return wrong
}

// image is a repository without a host and a version.
var image = regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9-]+:v?[0-9]+\.[0-9]+\.[0-9]+$`)

func images(m manifests) (wrong []string) {
	for _, o := range m.each("Deployment") {
		if got := m.container(o.Metadata.Name).Image; !image.MatchString(got) {
			wrong = append(wrong, fmt.Sprintf("%s runs the image %s", o, got))
		}
	}
	return wrong
}

// memory checks that Go's limit leaves a tenth to a fifth of the container's.
func memory(m manifests) (wrong []string) {
	for _, o := range m.each("Deployment") {
		c := m.container(o.Metadata.Name)
		limit, err := strconv.Atoi(strings.TrimSuffix(c.Resources.Limits["memory"], "Mi"))
		soft, softErr := strconv.Atoi(strings.TrimSuffix(c.variables()["GOMEMLIMIT"], "MiB"))
		if err != nil || softErr != nil || soft*100 < limit*78 || soft*100 > limit*90 {
			wrong = append(wrong, fmt.Sprintf("%s: GOMEMLIMIT is %d of %d MiB", o, soft, limit))
		}
	}
	return wrong
}

// variables are those of the container's environment with the values that a pod
// named "pod" gets.
func (c *container) variables() map[string]string {
	set := map[string]string{}
	for _, v := range c.Env {
		value := v.Value
		// Kubernetes puts in what stands above, and nothing else.
		for _, name := range slices.Sorted(maps.Keys(set)) {
			value = strings.ReplaceAll(value, "$("+name+")", set[name])
		}
		switch v.ValueFrom.FieldRef.FieldPath {
		case "metadata.name":
			value = "pod"
		case "metadata.namespace":
			value = "namespace"
		case "spec.nodeName":
			value = "node"
		}
		if v.ValueFrom.SecretKeyRef.Key != "" {
			value = "a-secret"
		}
		set[v.Name] = value
	}
	return set
}
