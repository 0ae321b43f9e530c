# Hands on to uv what pip is configured with: index, local wheels, certificate. Sourced; needs $python.
pip_setting() {
  "$python" -m pip config list 2>/dev/null |
    sed -n "s/^\(:env:\.\|global\.\|install\.\)$1='\(.*\)'$/\2/p" | tail -n 1 | sed 's/\\n/ /g'
}
find_links="$(pip_setting find-links)"; index="$(pip_setting index-url)"; certificate="$(pip_setting cert)"
[ -z "$find_links" ] || export UV_FIND_LINKS="${UV_FIND_LINKS:-${find_links// /,}}"
[ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
[ -z "$certificate" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$certificate}"
