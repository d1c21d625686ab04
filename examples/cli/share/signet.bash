# Completion for bash of the command signet; written by: signet completion bash
_signet() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=
    if [ "$COMP_CWORD" = 1 ]; then
        words='key jws jwt token webauthn completion --help --version'
    elif [ "$COMP_CWORD" = 2 ]; then
        case ${COMP_WORDS[1]} in
        key) words='generate public thumbprint to-jwk to-pem set' ;;
        jws) words='sign verify' ;;
        jwt) words='sign verify inspect' ;;
        token) words='decode' ;;
        webauthn) words='verify' ;;
        completion) words='bash zsh' ;;
        esac
    else
        case $before in
        --alg) words='HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA Ed25519 ML-DSA-44 ML-DSA-65 ML-DSA-87' ;;
        --new-passphrase-file|--out|--passphrase-file|--key|--file|--keys) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        *)
            case "${COMP_WORDS[1]} ${COMP_WORDS[2]}" in
            'key generate') words='--alg --kid --bits --pem --new-passphrase-file --out --show --json --help' ;;
            'key public') words='--pem --passphrase-file --out --json --help' ;;
            'key thumbprint') words='--uri --passphrase-file --json --help' ;;
            'key to-jwk') words='--alg --kid --secret --public --passphrase-file --out --show --json --help' ;;
            'key to-pem') words='--public --passphrase-file --new-passphrase-file --out --show --json --help' ;;
            'key set') words='--without --passphrase-file --out --json --help' ;;
            'jws sign') words='--key --alg --kid --passphrase-file --json --help' ;;
            'jws verify') words='--key --alg --file --json --help' ;;
            'jwt sign') words='--key --alg --kid --type --issuer --subject --audience --lifetime --id --now --passphrase-file --json --help' ;;
            'jwt verify') words='--keys --issuer --audience --type --alg --leeway --now --file --explain --json --help' ;;
            'jwt inspect') words='--file --json --help' ;;
            'token decode') words='--json --file --now --help' ;;
            'webauthn verify') words='--lines --help' ;;
            esac
            [[ $current == -* ]] || { mapfile -t COMPREPLY < <(compgen -f -W "$words" -- "$current"); return; }
            ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o filenames -F _signet signet
