{{- define "fermata.name" -}}
{{- if .Values.nameOverride }}{{ .Values.nameOverride }}
{{- else if contains .Chart.Name .Release.Name }}{{ .Release.Name }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "fermata.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "fermata.labels" -}}
{{ include "fermata.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "fermata.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ printf "%s@%s" .repository .digest }}
{{- else }}{{ printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) }}{{ end }}
{{- end }}
{{- end }}

{{- /* Settings by their full names, one argument each: what is given to the process wins over every file. */}}
{{- define "fermata.settings" -}}
{{- range $name, $value := . }}
{{- /* By way of JSON: 12500000000 would become 1.25e+10. */}}
- {{ printf "--%s=%s" $name (kindIs "string" $value | ternary $value (toJson $value)) | quote }}
{{- end }}
{{- end }}

{{- /* What a schema cannot say. */}}
{{- define "fermata.refuse" -}}
{{- if and (eq .Values.journal.kind "sqlite") (gt (int .Values.orchestrator.replicas) 1) }}
{{- fail (printf "orchestrator.replicas is %d: the journal is one SQLite file with one writer, so exactly 1 orchestrator can run; set it to 1" (int .Values.orchestrator.replicas)) }}
{{- end }}
{{- if and .Values.fleet.hosts .Values.fleet.existingConfigMap }}
{{- fail "fleet.hosts and fleet.existingConfigMap are two inventories; give one" }}
{{- end }}
{{- if and .Values.demo.enabled (or .Values.fleet.hosts .Values.fleet.existingConfigMap .Values.agent.enabled) }}
{{- fail "demo.enabled brings its own two hosts; leave out fleet and agent, or the demonstration" }}
{{- end }}
{{- if and .Values.agent.enabled (not .Values.agent.hosts) }}
{{- fail "agent.enabled without agent.hosts: name each node and its devices" }}
{{- end }}
{{- if and .Values.agent.privileged .Values.agent.deviceResources }}
{{- fail "agent.privileged makes agent.deviceResources pointless; give one" }}
{{- end }}
{{- end }}

{{- /* Nobody reaches the control port without a certificate, and a kubelet has none. */}}
{{- define "fermata.agentProbe" -}}
{{- if not .root.Values.security.agentIdentityDirectory }}{path: /{{ .path }}, port: control}
{{- else if eq .path "livez" }}{path: /actuator/health/liveness, port: management}
{{- else }}{path: /actuator/health/readiness, port: management}{{ end }}
{{- end }}
