package runner

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

func kubernetes(prefix string, t Task, n Needs) Submission {
	manifest, name := t.Name+".yaml", prefix+"-"+t.Name
	return Submission{
		Tasks: []string{t.Name}, Scripts: map[string]string{manifest: kubernetesManifest(prefix, t, n)},
		Commands: [][]string{
			{"kubectl", "apply", "-f", manifest},
			{"kubectl", "wait", "--for=condition=complete", "--timeout=-1s", "job/" + name},
		},
		follow: func(ctx context.Context, c commands) error { return followKubernetes(ctx, c, manifest, name) },
	}
}

// followKubernetes waits for either end of a Job: kubectl wait knows one of them
// at a time. A Job that has ended before is made anew, one that runs is followed.
func followKubernetes(ctx context.Context, c commands, manifest, name string) error {
	get := []string{"kubectl", "get", "job", name, "-o", "json"}
	before, err := c.run(ctx, append(get, "--ignore-not-found")...)
	if err != nil {
		return err
	}
	if done, _, failed := readJob(before); done || failed != nil {
		if _, err := c.run(ctx, "kubectl", "delete", "job", name); err != nil {
			return err
		}
	}
	if _, err := c.run(ctx, "kubectl", "apply", "-f", manifest); err != nil {
		return err
	}
	err = poll(ctx, func() (done bool, silent, failed error) {
		out, err := c.run(ctx, get...)
		switch {
		case err != nil && strings.Contains(err.Error(), "NotFound"):
			return true, nil, fmt.Errorf("job %s of Kubernetes was deleted", name)
		case err != nil:
			return false, err, nil
		}
		return readJob(out)
	})
	if ctx.Err() != nil {
		return c.cancel(ctx, "kubectl", "delete", "job", name, "--wait=false")
	}
	return err
}

// kubernetesJob is what matters here of a Job, as kubectl prints it.
type kubernetesJob struct {
	Metadata struct{ Name string }
	Status   struct {
		FailedIndexes string // such as 3,5-7
		Conditions    []struct{ Type, Status, Reason, Message string }
	}
}

// readJob tells from a Job in JSON whether it is complete, or why it failed.
func readJob(text string) (done bool, silent, failed error) {
	if strings.TrimSpace(text) == "" {
		return false, nil, nil
	}
	var j kubernetesJob
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return false, fmt.Errorf("kubectl printed no job: %w", err), nil
	}
	for _, c := range j.Status.Conditions {
		if c.Status != "True" {
			continue
		}
		switch c.Type {
		case "Complete":
			return true, nil, nil
		case "Failed":
			what := fmt.Sprintf("job %s of Kubernetes failed (%s): %s", j.Metadata.Name, cmp.Or(c.Reason, "no reason"), cmp.Or(c.Message, "no message"))
			if j.Status.FailedIndexes != "" {
				what += "; steps " + j.Status.FailedIndexes
			}
			return true, nil, errors.New(what)
		}
	}
	return false, nil, nil
}
