"""The formats of credentials that say by themselves whose they are.

Each begins with a mark of its issuer's, by which a text without any is told at once. Sources: each
issuer's own page on its tokens (AWS "IAM identifiers", GitHub "token formats", GitLab "token
prefixes", Slack "token types", Stripe "API keys", Google Cloud "API keys", and so on), and GitHub's
"supported secret scanning patterns", which names the issuers.
"""

from __future__ import annotations

from dataclasses import dataclass

_ALNUM = "[A-Za-z0-9]"
_HEX = "[a-f0-9]"


@dataclass(frozen=True, slots=True)
class Issued:
    """A format of one issuer.

    Attributes:
        kind: what the placeholder says.
        mark: what every such credential begins with, letter for letter.
        rest: a pattern of what follows the mark, possessive or of a fixed length.
        chance: such words are common, so that the value has to look as if chance had made it.
    """

    kind: str
    mark: str
    rest: str
    chance: bool = False


def _each(kind: str, marks: str, rest: str) -> tuple[Issued, ...]:
    return tuple(Issued(kind, mark, rest) for mark in marks.split())


ISSUED = (
    *_each("github_token", "ghp_ gho_ ghu_ ghs_ ghr_", _ALNUM + "{36,255}+"),
    Issued("github_token", "github_pat_", "[A-Za-z0-9_]{22,255}+"),
    Issued(
        "gitlab_token",
        "gl",
        r"(?:pat|ptt|dt|rt|rtr|cbt|oas|ft|ffct|soat|imt|agent|wt)-[\w.-]{20,300}+",
    ),
    Issued("gitlab_token", "GR1348941", r"[\w-]{20}"),
    *_each("aws_key", "AKIA ASIA ABIA ACCA", "[A-Z0-9]{16}"),
    Issued("aws_key", "ABSK", r"[A-Za-z0-9+/]{60,300}+={0,2}"),
    Issued("slack_token", "xox", r"[abeoprs]-[A-Za-z0-9-]{10,300}+"),
    Issued("slack_token", "xoxe.xox", r"[bp]-\d-[A-Za-z0-9]{100,300}+"),
    Issued("slack_token", "xapp-", r"\d-[A-Za-z0-9-]{10,300}+"),
    Issued("slack_webhook", "hooks.slack.com/", r"(?:services|workflows|triggers)/[\w/-]{20,200}+"),
    Issued("discord_webhook", "discord.com/api/webhooks/", r"\d{17,20}/[\w-]{60,80}+"),
    Issued("discord_webhook", "discordapp.com/api/webhooks/", r"\d{17,20}/[\w-]{60,80}+"),
    Issued("teams_webhook", ".webhook.office.com/webhookb2/", r"[\w@-]{70,90}+/[\w/-]{60,100}+"),
    *_each("stripe_key", "sk_live_ sk_test_ rk_live_ rk_test_", _ALNUM + "{16,300}+"),
    Issued("stripe_key", "whsec_", r"[A-Za-z0-9+/=]{24,300}+"),
    Issued("google_key", "AIza", r"[\w-]{35}"),
    Issued("google_key", "GOCSPX-", r"[\w-]{28}"),
    Issued("google_token", "ya29.", r"[\w.-]{20,2000}+"),
    Issued("anthropic_key", "sk-ant-", r"[\w-]{20,300}+"),
    Issued("openai_key", "sk-", r"[\w-]{20,300}+", chance=True),
    Issued("jwt", "eyJ", r"[\w-]{8,8000}+\.eyJ[\w-]{8,8000}+\.[\w-]{0,8000}+"),
    Issued("npm_token", "npm_", _ALNUM + "{36}"),
    Issued("pypi_token", "pypi-", r"[\w-]{50,500}+"),
    Issued("hugging_face_token", "hf_", _ALNUM + "{30,100}+"),
    Issued("hugging_face_token", "api_org_", _ALNUM + "{30,100}+"),
    Issued("sendgrid_key", "SG.", r"[\w-]{16,40}+\.[\w-]{16,80}+"),
    *_each("digitalocean_token", "doo_v1_ dop_v1_ dor_v1_", _HEX + "{64}"),
    *_each("vault_token", "hvs. hvb. hvr.", r"[\w-]{20,300}+"),
    *_each("shopify_token", "shpat_ shpca_ shppa_ shpss_", "[A-Fa-f0-9]{32}"),
    Issued("databricks_token", "dapi", _HEX + r"{32}(?:-\d)?"),
    Issued("groq_key", "gsk_", _ALNUM + "{40,100}+"),
    Issued("age_key", "AGE-SECRET-KEY-1", "[A-Z0-9]{40,80}+"),
    Issued("adobe_secret", "p8e-", "[A-Za-z0-9]{32}"),
    Issued("airtable_token", "pat", _ALNUM + r"{14}\." + _HEX + "{64}"),
    Issued("alibaba_key", "LTAI", _ALNUM + "{17,26}+"),
    *_each("artifactory_token", "AKCp cmVmdGtu", _ALNUM + "{50,100}+"),
    Issued("atlassian_token", "ATATT3", r"[\w=-]{180,220}+"),
    Issued("atlassian_token", "ATCTT3", r"[\w=-]{150,220}+"),
    Issued("atlassian_token", "ATBB", _ALNUM + "{32}"),
    Issued("cerebras_key", "csk-", "[a-z0-9]{40,60}+"),
    Issued("clojars_token", "CLOJARS_", "[a-z0-9]{60}"),
    Issued("cloudflare_key", "v1.0-", _HEX + "{24}-" + _HEX + "{146}"),
    Issued("crates_token", "cio", _ALNUM + "{32}"),
    Issued("docker_token", "dckr_pat_", r"[\w-]{27,64}+"),
    Issued("docker_token", "dckr_oat_", r"[\w-]{32,64}+"),
    *_each("doppler_token", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim.", r"[\w.]{40,64}+"),
    Issued("dropbox_token", "sl.", r"[\w=-]{130,300}+"),
    Issued("duffel_token", "duffel_", r"(?:test|live)_[\w=-]{43}"),
    Issued("dynatrace_token", "dt0c01.", r"[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    *_each("easypost_key", "EZAK EZTK", _ALNUM + "{54}"),
    *_each("facebook_token", "EAAM EAAC EAAG EAAB", _ALNUM + "{80,300}+"),
    Issued("figma_token", "figd_", r"[\w-]{38,60}+"),
    Issued("fireworks_key", "fw_", _ALNUM + "{22,40}+", chance=True),
    *_each("flutterwave_key", "FLWSECK-", r"[A-Za-z0-9]{32}-X"),
    Issued("flutterwave_key", "FLWSECK_TEST-", "[a-h0-9]{12,32}+"),
    *_each("fly_token", "fm1_ fm1r_ fm1a_ fm2_", r"[A-Za-z0-9+/=,_]{100,2000}+"),
    Issued("fly_token", "fo1_", r"[\w-]{43}"),
    Issued("frameio_token", "fio-u-", r"[\w=-]{64}"),
    *_each("gocardless_token", "live_ sandbox_", r"(?=[\w-]{0,40}[0-9])[\w-]{40}(?![\w-])"),
    Issued("grafana_token", "glc_", r"[A-Za-z0-9+/]{32,400}+={0,3}"),
    Issued("grafana_token", "glsa_", _ALNUM + "{32}_[A-Fa-f0-9]{8}"),
    *_each("harness_key", "pat. sat.", r"[\w-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}"),
    Issued("heroku_key", "HRKU-", r"[\w-]{36,70}+"),
    Issued("infracost_key", "ico-", _ALNUM + "{32}"),
    *_each("langsmith_key", "lsv2_pt_ lsv2_sk_", _HEX + r"{32}_" + _HEX + "{10}"),
    Issued("linear_key", "lin_api_", _ALNUM + "{40}"),
    *_each("mailgun_key", "key- pubkey-", _HEX + "{32}"),
    Issued("mapbox_token", "sk.eyJ", r"[\w-]{40,200}+\.[\w-]{22}"),
    *_each("neon_key", "napi_", "[a-z0-9]{60,80}+"),
    Issued("netlify_token", "nfp_", _ALNUM + "{36}"),
    *_each("new_relic_key", "NRAK- NRII-", r"[A-Za-z0-9-]{27,32}+"),
    Issued("new_relic_key", "NRJS-", _HEX + "{19}"),
    Issued("new_relic_key", "NRAL-", r"[\w-]{28,40}+"),
    Issued("notion_token", "ntn_", _ALNUM + "{43,50}+"),
    Issued("notion_token", "secret_", _ALNUM + "{43}"),
    Issued("nuget_key", "oy2", "[a-z0-9]{43}"),
    Issued("nvidia_key", "nvapi-", r"[\w-]{60,70}+"),
    Issued("octopus_key", "API-", "[A-Z0-9]{26}"),
    Issued("onepassword_token", "ops_eyJ", r"[A-Za-z0-9+/]{100,2000}+={0,3}"),
    Issued("openrouter_key", "sk-or-", r"v1-[0-9a-f]{64}"),
    Issued("openshift_token", "sha256~", r"[\w-]{43}"),
    Issued("perplexity_key", "pplx-", _ALNUM + "{48}"),
    Issued("pinecone_key", "pcsk_", r"\w{40,80}+"),
    *_each("planetscale_token", "pscale_tkn_ pscale_oauth_ pscale_pw_", r"[\w=.-]{32,64}+"),
    Issued("postman_key", "PMAK-", _HEX + "{24}-" + _HEX + "{34}"),
    Issued("posthog_key", "phx_", r"[A-Za-z0-9]{40,60}+"),
    Issued("prefect_key", "pnu_", "[a-z0-9]{36}"),
    Issued("pulumi_token", "pul-", _HEX + "{40}"),
    Issued("readme_token", "rdme_", "[a-z0-9]{70}"),
    Issued("replicate_token", "r8_", _ALNUM + "{37}"),
    Issued("rubygems_token", "rubygems_", _HEX + "{48}"),
    Issued("scalingo_token", "tk-us-", r"[\w-]{48}"),
    Issued("brevo_key", "xkeysib-", _HEX + r"{64}-[A-Za-z0-9]{16}"),
    Issued("sentry_token", "sntrys_eyJ", r"[\w+/=]{80,500}+"),
    Issued("sentry_token", "sntryu_", _HEX + "{64}"),
    *_each("shippo_token", "shippo_live_ shippo_test_", _HEX + "{40}"),
    *_each("square_token", "sq0atp- sq0csp-", r"[\w-]{22,60}+"),
    Issued("square_token", "EAAA", r"[\w-]{60}"),
    Issued("supabase_key", "sbp_", _HEX + "{40}"),
    Issued("supabase_key", "sb_secret_", r"[\w-]{30,50}+"),
    Issued("tailscale_key", "tskey-", r"[a-z]{3,10}-[A-Za-z0-9]{10,20}+-[A-Za-z0-9]{20,40}+"),
    Issued("tavily_key", "tvly-", r"[A-Za-z0-9-]{32,48}+"),
    Issued("together_key", "tgp_v1_", r"[\w-]{43}"),
    *_each("twilio_key", "SK AC", r"[0-9a-f]{32}"),
    Issued("typeform_token", "tfp_", r"[\w.=-]{59}"),
    Issued("xai_key", "xai-", _ALNUM + "{70,90}+"),
    *_each("yandex_key", "AQVN YCAJE", r"[\w-]{20,40}+"),
    Issued("yandex_key", "t1.", r"[A-Z0-9a-z_-]{30,400}+={0,2}\.[A-Z0-9a-z_-]{86}={0,2}"),
)
