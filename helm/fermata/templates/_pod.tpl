{{- /* The orchestrator's pod, whatever brings it up. */}}
{{- define "fermata.orchestratorPod" -}}
{{- $name := include "fermata.name" . -}}
{{- $ids := dict "root" . "role" "orchestrator" -}}
{{- $shared := eq .Values.journal.kind "postgresql" -}}
metadata:
  labels: {{- include "fermata.labels" $ids | nindent 4 }}
  annotations:
    # A changed inventory is read at a start only.
    fermata/inventory: {{ .Values.fleet | toJson | sha256sum | trunc 16 | quote }}
    {{- with .Values.orchestrator.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ int .Values.orchestrator.terminationGracePeriodSeconds }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with .Values.orchestrator.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.orchestrator.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.orchestrator.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if $shared }}
  {{- include "fermata.apart" $ids | nindent 2 }}
  {{- end }}
  containers:
    - name: orchestrator
      image: {{ include "fermata.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      {{- if $shared }}
      env:
        - name: ADDRESS
          valueFrom: {fieldRef: {fieldPath: status.podIP}}
      {{- end }}
      args: {{- include "fermata.orchestratorArguments" . | nindent 8 }}
      ports:
        - {name: api, containerPort: 8080}
        - {name: management, containerPort: 8081}
      # At the port of the API. None of them asks the journal: a restart mends no disk and no
      # database, and whoever cannot write goes on answering, with what is wrong.
      startupProbe:
        httpGet: {{ include "fermata.apiProbe" (dict "root" . "path" "/livez") }}
        periodSeconds: 2
        failureThreshold: 90
      livenessProbe:
        httpGet: {{ include "fermata.apiProbe" (dict "root" . "path" "/livez") }}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {{ include "fermata.apiProbe" (dict "root" . "path" "/readyz") }}
        periodSeconds: 5
        timeoutSeconds: 2
        failureThreshold: 2
      resources: {{- toYaml .Values.orchestrator.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      volumeMounts:
        - {name: state, mountPath: /var/lib/fermata}
        - {name: tmp, mountPath: /tmp}
        - {name: inventory, mountPath: /etc/fermata, readOnly: true}
        {{- range include "fermata.orchestratorSecrets" . | fromYamlArray }}
        - {name: {{ .name }}, mountPath: {{ .path }}, readOnly: true}
        {{- end }}
  volumes:
    - name: state
      {{- if $shared }}
      emptyDir: {sizeLimit: 256Mi} # nothing that is missed: what counts is in the database
      {{- else }}
      persistentVolumeClaim:
        claimName: {{ .Values.journal.existingClaim | default (printf "%s-journal" $name) }}
      {{- end }}
    - name: tmp
      emptyDir: {sizeLimit: 256Mi}
    - name: inventory
      configMap:
        name: {{ .Values.fleet.existingConfigMap | default (printf "%s-inventory" $name) }}
    {{- range include "fermata.orchestratorSecrets" . | fromYamlArray }}
    - name: {{ .name }}
      secret: {secretName: {{ .secret }}}
    {{- end }}
{{- end }}

{{- define "fermata.orchestratorArguments" -}}
- orchestrator
- --server.address=0.0.0.0
- --server.port=8080
- --management.server.address=0.0.0.0
- --management.server.port=8081
# Else it has the API's certificate, and Prometheus would have to be told whom to believe.
- --management.server.ssl.enabled=false
{{- with .Values.journal }}
{{- if eq .kind "postgresql" }}
- {{ printf "--fermata.journal.url=%s" .url | quote }}
{{- with .username }}
- {{ printf "--fermata.journal.username=%s" . | quote }}
{{- end }}
{{- if .existingSecret }}
# Read anew at each connection: a changed password needs no restart.
- --fermata.journal.password-file=/etc/fermata-journal/{{ .passwordKey }}
{{- end }}
# The service leads to any of them; the others have to reach this one.
- --fermata.replica.url={{ if $.Values.security.apiSecret }}https{{ else }}http{{ end }}://$(ADDRESS):8080
{{- else }}
- --fermata.journal.directory=/var/lib/fermata/journal
{{- end }}
{{- end }}
- --fermata.demo.enabled={{ .Values.demo.enabled }}
- --fermata.insecure-bind={{ or .Values.security.insecureBind .Values.demo.enabled }}
{{- with .Values.security }}
{{- if .identitySecret }}
- --fermata.identity.certificate=/etc/fermata-identity/tls.crt
- --fermata.identity.private-key=/etc/fermata-identity/tls.key
- --fermata.identity.authorities=/etc/fermata-identity/ca.crt
{{- end }}
{{- if .apiSecret }}
- --fermata.access.certificate=/etc/fermata-api/tls.crt
- --fermata.access.private-key=/etc/fermata-api/tls.key
{{- end }}
{{- if .issuer }}
- --fermata.access.issuer={{ .issuer }}
- --fermata.access.audience={{ .audience }}
# The port is the pod's own and stands behind a policy; Prometheus has no token.
- --fermata.access.open-metrics=true
{{- end }}
{{- end }}
{{- if not .Values.demo.enabled }}
- --spring.config.import=file:/etc/fermata/hosts.yml{{ if .Values.orchestrator.existingSecret }},configtree:/etc/fermata-secret/{{ end }}
{{- else if .Values.orchestrator.existingSecret }}
- --spring.config.import=configtree:/etc/fermata-secret/
{{- end }}
{{- include "fermata.settings" .Values.orchestrator.settings }}
{{- end }}

{{- /* The existing secrets that it is given, and where it finds each. */}}
{{- define "fermata.orchestratorSecrets" -}}
{{- with .Values.security.identitySecret }}
- {name: identity, secret: {{ . }}, path: /etc/fermata-identity}
{{- end }}
{{- with .Values.security.apiSecret }}
- {name: certificate, secret: {{ . }}, path: /etc/fermata-api}
{{- end }}
{{- if eq .Values.journal.kind "postgresql" }}
{{- with .Values.journal.existingSecret }}
- {name: journal, secret: {{ . }}, path: /etc/fermata-journal}
{{- end }}
{{- with .Values.journal.authoritiesSecret }}
- {name: database, secret: {{ . }}, path: /etc/fermata-database}
{{- end }}
{{- end }}
{{- with .Values.orchestrator.existingSecret }}
- {name: secret, secret: {{ . }}, path: /etc/fermata-secret}
{{- end }}
{{- end }}

{{- /* Replicas that fall together are one. */}}
{{- define "fermata.apart" -}}
{{- $selector := include "fermata.selector" . -}}
{{- with .root.Values.orchestrator }}
{{- with .topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  - topologyKey: {{ .topologyKey }}
    maxSkew: {{ int .maxSkew }}
    whenUnsatisfiable: {{ .whenUnsatisfiable }}
    # While a roll-out is under way the old ones do not count.
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels: {{- $selector | nindent 8 }}
  {{- end }}
{{- end }}
{{- if ne .antiAffinity "none" }}
affinity:
  podAntiAffinity:
    {{- if eq .antiAffinity "required" }}
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {{- $selector | nindent 12 }}
    {{- else }}
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels: {{- $selector | nindent 14 }}
    {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "fermata.apiProbe" -}}
{path: {{ .path }}, port: api{{ if .root.Values.security.apiSecret }}, scheme: HTTPS{{ end }}}
{{- end }}
