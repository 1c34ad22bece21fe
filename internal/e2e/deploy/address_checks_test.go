package deploy_test

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ports returns the ports on which each service listens, by its name: those it
// publishes and those it exposes to the others. "localhost" has what is
// published.
func (s *stack) ports() map[string][]string {
	ports := map[string][]string{}
	for name, service := range s.project.Services {
		ports[name] = append(ports[name], service.Expose...)
		for _, p := range service.Ports {
			ports[name] = append(ports[name], strconv.Itoa(int(p.Target)))
			ports["localhost"] = append(ports["localhost"], p.Published)
		}
	}
	return ports
}

var (
	// address is a host with a port; a version goes on after the digits.
	address = regexp.MustCompile(`\b([a-z][a-z0-9-]*):(\d{2,5})(?:[^\d.]|\.?$|\.?\s)`)
	// own is an address of the container itself.
	own = regexp.MustCompile(`\b(?:127\.0\.0\.1|0\.0\.0\.0):(\d+)`)
)

// checkAddresses looks for addresses at which nobody listens.
func checkAddresses(s *stack) (problems []string) {
	ports := s.ports()
	err := fs.WalkDir(os.DirFS(s.path(".")), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := s.text(name)
		for line := range strings.Lines(text) {
			for _, m := range address.FindAllStringSubmatch(strings.TrimRight(line, "\n"), -1) {
				if !slices.Contains(ports[m[1]], m[2]) {
					problems = append(problems, fmt.Sprintf("%s: nobody listens at %s:%s", name, m[1], m[2]))
				}
			}
		}
		return err
	})
	if err != nil {
		problems = append(problems, err.Error())
	}
	for name, service := range s.project.Services {
		texts := slices.Clone([]string(service.Command))
		if service.HealthCheck != nil {
			texts = append(texts, service.HealthCheck.Test...)
		}
		for _, m := range own.FindAllStringSubmatch(strings.Join(texts, " "), -1) {
			if !slices.Contains(ports[name], m[1]) {
				problems = append(problems, fmt.Sprintf("%s does not listen on port %s, which its command or check names", name, m[1]))
			}
		}
	}
	return problems
}

// listening says where the files of programs without a reader at hand, and of
// the Collector, have the ports on which they listen.
var listening = map[string]*regexp.Regexp{
	"collector": regexp.MustCompile(`0\.0\.0\.0:(\d+)`),
	"tempo":     regexp.MustCompile(`(?:0\.0\.0\.0:|http_listen_port: )(\d+)`),
	"loki":      regexp.MustCompile(`http_listen_port: (\d+)`),
}

// checkListening looks for ports that a service exposes and does not listen on,
// or the other way round.
func checkListening(s *stack) (problems []string) {
	for name, pattern := range listening {
		text, err := s.text(name + ".yaml")
		if err != nil {
			problems = append(problems, err.Error())
		}
		var listens []string
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			listens = append(listens, m[1])
		}
		exposes := slices.Clone([]string(s.project.Services[name].Expose))
		slices.Sort(listens)
		if slices.Sort(exposes); !slices.Equal(listens, exposes) {
			problems = append(problems, fmt.Sprintf("%s listens on %q and exposes %q", name, listens, exposes))
		}
	}
	return problems
}
