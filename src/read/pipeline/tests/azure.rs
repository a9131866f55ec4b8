use super::*;

const PATH: &str = "azure-pipelines.yml";

/// A task that sets the variable `FuncKey` to a key.
fn set(properties: &str) -> String {
    format!(
        "- task: AzureCLI@2\n  name: get\n  inputs:\n    scriptType: bash\n    inlineScript: |\n      key=$({ONE})\n      echo \"##vso[task.setvariable variable=Result{properties}]$key\"\n"
    )
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let done = done(&[(PATH, text)]);
    let what: Vec<&str> = done
        .iter()
        .filter_map(|said| Some(said.split_once(' ')?.0))
        .collect();
    assert_eq!(what, expected, "{text}");
}

#[test]
fn variables_go_from_step_to_step() {
    let secret = set(";issecret=true");
    check(&format!("steps:\n{secret}"), &[]);
    check(&format!("steps:\n{}", set("")), &["pass"]);
    check(&format!("steps:\n{secret}- bash: echo $(Result)\n"), &[]);
    check(
        &format!("steps:\n{secret}- bash: echo $(Result) | base64\n"),
        &["print-altered"],
    );
    check(
        &format!("steps:\n{secret}- bash: echo $KEY | base64\n  env: {{ KEY: $(Result) }}\n"),
        &["print-altered"],
    );
    check(
        &format!(
            "steps:\n{secret}- pwsh: '[Convert]::ToBase64String($env:KEY)'\n  env: {{ KEY: $(Result) }}\n"
        ),
        &["print-altered"],
    );
    check(
        &format!("steps:\n{secret}- bash: echo $(Other) | base64\n"),
        &[],
    );
    // A secret is not in the environment.
    check(
        &format!("steps:\n{secret}- bash: echo $RESULT | base64\n"),
        &[],
    );
}

#[test]
fn a_variable_that_is_no_secret_is_in_the_environment() {
    check(
        &format!("steps:\n{}- bash: echo $RESULT\n", set("")),
        &["pass", "print-output"],
    );
}

#[test]
fn outputs_go_from_job_to_job() {
    let jobs = format!(
        "jobs:\n- job: a\n  steps:\n{}- job: b\n  dependsOn: a\n  variables:\n    k: $[ dependencies.a.outputs['get.Result'] ]\n  steps:\n  - bash: echo $(k) | base64\n",
        indented(&set(";isoutput=true;issecret=true"), 2)
    );
    check(&jobs, &["print-altered"]);
    check(&jobs.replace("get.Result", "get.Other"), &[]);
}

#[test]
fn variables_and_parameters_are_known_at_all_levels() {
    let send = "curl \"https://func-a.azurewebsites.net/api/F?code=$(k)\"";
    for text in [
        format!("variables: {{ k: $(FuncKey) }}\nsteps:\n- bash: {send}\n"),
        format!("variables:\n- name: k\n  value: $(FuncKey)\nsteps:\n- bash: {send}\n"),
        format!(
            "stages:\n- stage: s\n  variables: {{ k: $(FuncKey) }}\n  jobs:\n  - job: a\n    steps:\n    - bash: {send}\n"
        ),
        format!(
            "jobs:\n- deployment: a\n  environment: test\n  variables: {{ k: $(FuncKey) }}\n  strategy: {{ runOnce: {{ deploy: {{ steps: [ bash: '{send}' ] }} }} }}\n"
        ),
        format!(
            "jobs:\n- deployment: a\n  environment: test\n  variables: {{ k: $(FuncKey) }}\n  strategy: {{ canary: {{ on: {{ failure: {{ steps: [ bash: '{send}' ] }} }} }} }}\n"
        ),
        format!("variables: {{ k: \"${{{{ variables.FuncKey }}}}\" }}\nsteps:\n- bash: {send}\n"),
    ] {
        check(&text, &["send-url"]);
    }
}

#[test]
fn templates_get_parameters() {
    let pipeline = "steps:\n- template: ci/smoke.yml\n  parameters: { key: $(FuncKey) }\n";
    let template = "parameters:\n- name: key\nsteps:\n- bash: curl \"https://func-a.azurewebsites.net/api/F?code=${{ parameters.key }}\"\n";
    assert_eq!(
        done(&[(PATH, pipeline), ("ci/smoke.yml", template)]),
        ["send-url ci/smoke.yml:4"]
    );
    let extends = "extends:\n  template: ci/all.yml\n  parameters: { key: $(FuncKey) }\n";
    assert_eq!(
        done(&[(PATH, extends), ("ci/all.yml", template)]),
        ["send-url ci/all.yml:4"]
    );
    assert_eq!(done(&[(PATH, pipeline)]), [""; 0]);
}

#[test]
fn a_variable_may_be_named_by_a_parameter() {
    let pipeline = "steps:\n- template: ci/smoke.yml\n  parameters: { name: FuncKey }\n";
    let template = "parameters: [{ name: name, type: string }]\nsteps:\n- bash: curl \"https://func-a.azurewebsites.net/api/F?code=$K\"\n  env: { K: '$(${{ parameters.name }})' }\n";
    assert_eq!(
        done(&[(PATH, pipeline), ("ci/smoke.yml", template)]),
        ["send-url ci/smoke.yml:3"]
    );
}

#[test]
fn loops_give_each_item_of_a_list() {
    let send = "curl -H \"x-functions-key: $K\" https://${{ ring.app }}.azurewebsites.net/api/F";
    let step = format!("- bash: '{send}'\n  env: {{ K: '${{{{ ring.key }}}}' }}\n");
    let template = |body: &str| format!("parameters: [{{ name: rings, type: object }}]\n{body}");
    let steps = template(&format!(
        "steps:\n- ${{{{ each ring in parameters.rings }}}}:\n  {}",
        step.replace('\n', "\n  ")
    ));
    let jobs = template(&format!(
        "jobs:\n- ${{{{ each ring in parameters.rings }}}}:\n  - job: a\n    steps:\n    {}",
        step.replace('\n', "\n    ")
    ));
    for (extends, template) in [("steps", steps), ("jobs", jobs)] {
        let pipeline = format!(
            "trigger: none\n{extends}:\n- template: ci/all.yml\n  parameters:\n    rings:\n    - {{ app: func-a, key: $(FuncKeyA) }}\n    - {{ app: func-b, key: $(FuncKeyB) }}\n"
        );
        let found = read(&[(PATH, &pipeline), ("ci/all.yml", &template)]);
        let mut hosts: Vec<String> = found
            .facts
            .iter()
            .filter_map(|fact| {
                Some(
                    serde_json::to_value(fact).ok()?["host"]
                        .as_str()?
                        .to_owned(),
                )
            })
            .collect();
        hosts.sort();
        hosts.dedup();
        assert_eq!(
            hosts,
            ["func-a.azurewebsites.net", "func-b.azurewebsites.net"],
            "{extends}"
        );
    }
}

#[test]
fn arguments_of_tasks_may_be_known_by_name_alone() {
    let pipeline = "steps:\n- task: Bash@3\n  inputs:\n    filePath: ci/list.sh\n    arguments: $(Build.ArtifactStagingDirectory)/all\n- publish: $(Build.ArtifactStagingDirectory)/all\n";
    let script = format!("out=\"$1\"\n{ALL} > \"$out/keys.json\"\n");
    assert_eq!(
        done(&[(PATH, pipeline), ("ci/list.sh", &script)]),
        [format!("print-artifact {PATH}:6")]
    );
}

#[test]
fn a_template_does_what_its_callers_do() {
    let template = "parameters: [{ name: name, type: string }]\nsteps:\n- task: AzureCLI@2\n  inputs:\n    inlineScript: az functionapp keys delete -g rg -n func-a --key-type functionKeys --key-name ${{ parameters.name }}\n";
    let pipeline = "trigger: none\nparameters: [{ name: name, type: string }]\nsteps:\n- template: ci/remove.yml\n  parameters: { name: '${{ parameters.name }}' }\n";
    let by_hand = |files: &[(&str, &str)]| -> Vec<bool> {
        let facts = read(files).facts;
        let said = facts
            .iter()
            .filter_map(|fact| serde_json::to_value(fact).ok()?.get("by_hand")?.as_bool());
        said.collect()
    };
    assert_eq!(
        by_hand(&[(PATH, pipeline), ("ci/remove.yml", template)]),
        [true]
    );
    assert_eq!(by_hand(&[("ci/remove.yml", template)]), [false]);
    // One that names itself is not left out.
    let own = "pool: x\nsteps:\n- bash: curl \"https://func-a.azurewebsites.net/api/F?code=$(FuncKey)\"\n- template: azure-pipelines.yml\n";
    assert_eq!(done(&[(PATH, own)]), [format!("send-url {PATH}:3")]);
}

#[test]
fn tasks_run_scripts_and_take_secrets_of_vaults() {
    check(
        "steps:\n- task: AzureKeyVault@2\n  inputs: { SecretsFilter: 'orders-function-key' }\n- bash: echo $(orders-function-key) | base64\n",
        &["print-altered"],
    );
    let file =
        "steps:\n- task: AzureCLI@2\n  inputs: { scriptType: bash, scriptPath: ci/keys.sh }\n";
    assert_eq!(
        done(&[(PATH, file), ("ci/keys.sh", ALL)]),
        ["print-listing ci/keys.sh:1"]
    );
    let power = "steps:\n- task: PowerShell@2\n  inputs: { filePath: ci/keys.ps1 }\n";
    assert_eq!(
        done(&[(PATH, power), ("ci/keys.ps1", ALL)]),
        ["print-listing ci/keys.ps1:1"]
    );
    check(
        &format!("steps:\n- bash: {ALL} > out/keys.json\n- publish: out\n"),
        &["print-artifact"],
    );
    check(
        "steps:\n- bash: |\n    echo \"##vso[task.setsecret]$KEY\"\n    echo \"$KEY\"\n  env: { KEY: $(FuncKey) }\n",
        &[],
    );
}

#[test]
fn what_a_group_or_a_setting_holds_is_not_known() {
    check(
        "variables:\n- group: orders\nsteps:\n- bash: echo $(Anything) | base64\n",
        &[],
    );
    check("steps:\n- bash: echo $(OrdersFunctionKey)\n", &[]);
}

#[test]
fn a_pipeline_is_one_under_any_name() {
    let script = indented(ALL, 6);
    let text = format!(
        "trigger: none\nsteps:\n- task: AzureCLI@2\n  inputs:\n    scriptType: bash\n    scriptLocation: inlineScript\n    inlineScript: |\n{script}"
    );
    assert_eq!(
        done(&[("eng/deploy.yml", &text)]),
        ["print-listing eng/deploy.yml:8"]
    );
    assert!(
        done(&[(
            "eng/values.yml",
            "steps:\n- name: az functionapp keys list\n"
        )])
        .is_empty()
    );
}
