@echo off
rem Starts Tillwatch on Windows: builds it if needed, then the server, the monitor and the register,
rem and with --demo also playing devices. Stops all of it when both windows are closed.
setlocal EnableExtensions DisableDelayedExpansion
chcp 65001 >nul
set "ROOT=%~dp0"
if "%ROOT:~-1%"=="\" set "ROOT=%ROOT:~0,-1%"
set "DEMO="
set "PORT=8080"
set "DATA="
set "CODE=0"

:arguments
if "%~1"=="" goto checked
if /i "%~1"=="--demo" (set "DEMO=1" & shift & goto arguments)
if /i "%~1"=="--port" (set "PORT=%~2" & shift & shift & goto arguments)
if /i "%~1"=="--data-dir" (set "DATA=%~f2" & shift & shift & goto arguments)
echo launch.bat [--demo] [--port N] [--data-dir DIR]
exit /b 2

:checked
where cargo >nul 2>nul || set "PATH=%PATH%;%USERPROFILE%\.cargo\bin"
where cargo >nul 2>nul || (
    echo Falta o Rust / Rust is missing. Instale / install: https://rustup.rs
    echo O instalador tambem oferece as ferramentas de compilacao da Microsoft / it offers Microsoft's build tools too.
    goto failed
)
set "PROFILE_DIR=release"
set "PROFILE_FLAG=--release"
if /i "%TILLWATCH_PROFILE%"=="debug" (set "PROFILE_DIR=debug" & set "PROFILE_FLAG=")
echo Compilando / building: a primeira vez leva alguns minutos / the first time takes some minutes...
pushd "%ROOT%"
cargo build %PROFILE_FLAG% --locked -p tillwatch-server -p tillwatch-cli -p tillwatch-register -p tillwatch-monitor
if errorlevel 1 (popd & echo A compilacao falhou / the build failed. & goto failed)
popd
set "BIN=%ROOT%\target\%PROFILE_DIR%"
if defined CARGO_TARGET_DIR set "BIN=%CARGO_TARGET_DIR%\%PROFILE_DIR%"

set "THROW_AWAY="
if not defined DATA if defined DEMO (
    set "THROW_AWAY=%TEMP%\tillwatch-demo-%RANDOM%%RANDOM%"
)
if defined THROW_AWAY set "DATA=%THROW_AWAY%"
if not defined DATA set "DATA=%LOCALAPPDATA%\tillwatch"
if not exist "%DATA%" mkdir "%DATA%" || (echo Nao foi possivel criar / cannot create "%DATA%" & goto failed)

rem One PowerShell starts, watches and stops the programs: it knows their process ids, so that no
rem other program of the same name is ever ended.
set "TILLWATCH_BIN=%BIN%"
set "TILLWATCH_DATA=%DATA%"
set "TILLWATCH_PORT=%PORT%"
set "TILLWATCH_DEMO=%DEMO%"
set "TILLWATCH_ROOT=%ROOT%"
powershell -NoProfile -ExecutionPolicy Bypass -Command ^
  "$lines = Get-Content -LiteralPath (Join-Path $env:TILLWATCH_ROOT 'launch.bat') -Encoding UTF8;" ^
  "$start = [array]::IndexOf($lines, '#powershell') + 1;" ^
  "Invoke-Expression ($lines[$start..($lines.Length - 1)] -join [Environment]::NewLine)"
set "CODE=%ERRORLEVEL%"
if defined THROW_AWAY if "%CODE%"=="0" rmdir /s /q "%THROW_AWAY%"
if "%CODE%"=="0" exit /b 0

:failed
if "%CODE%"=="0" set "CODE=1"
pause
exit /b %CODE%

#powershell
$ErrorActionPreference = 'Stop'
$bin = $env:TILLWATCH_BIN; $data = $env:TILLWATCH_DATA; $port = [int]$env:TILLWATCH_PORT
$started = New-Object System.Collections.ArrayList
function Quote($text) { '"' + $text + '"' }
function Start-Part($name, $arguments) {
    $out = Join-Path $data "$name.out"; $log = Join-Path $data "$name.log"
    $process = Start-Process -FilePath (Join-Path $bin "$name.exe") -ArgumentList $arguments -PassThru `
        -WorkingDirectory $env:TILLWATCH_ROOT -NoNewWindow -RedirectStandardOutput $out -RedirectStandardError $log
    [void]$process.Handle
    [void]$started.Add($process)
    $process
}
function Read-Shared($path) {
    if (-not (Test-Path -LiteralPath $path)) { return @() }
    $stream = [IO.File]::Open($path, 'Open', 'Read', 'ReadWrite')
    try { (New-Object IO.StreamReader($stream)).ReadToEnd() -split "`r?`n" } finally { $stream.Dispose() }
}
function Test-Port($number) {
    $client = New-Object Net.Sockets.TcpClient
    try { $client.Connect('127.0.0.1', $number); $true } catch { $false } finally { $client.Dispose() }
}
$code = 1
try {
    if ($port -ne 0 -and (Test-Port $port)) {
        Write-Host "A porta $port esta ocupada; uso outra. / Port $port is taken; using another."
        $port = 0
    }
    $arguments = @('--listen', "127.0.0.1:$port", '--data-dir', (Quote $data))
    if ($env:TILLWATCH_DEMO) { $arguments += '--demo' }
    $server = Start-Part 'tillwatch-server' $arguments
    $shown = 0; $address = $null; $ready = $false
    $deadline = (Get-Date).AddSeconds(30)
    while (-not $ready) {
        if ($server.HasExited -or (Get-Date) -gt $deadline) {
            Read-Shared (Join-Path $data 'tillwatch-server.log') | Select-Object -Last 20 | Write-Host
            throw 'O servidor nao iniciou. / The server did not start.'
        }
        $lines = @(Read-Shared (Join-Path $data 'tillwatch-server.out') | Where-Object { $_ })
        while ($shown -lt $lines.Count) { Write-Host $lines[$shown]; $shown++ }
        $match = $lines | Select-String -Pattern 'listening on (https?://\S+)' | Select-Object -First 1
        if ($match) { $address = $match.Matches[0].Groups[1].Value }
        if ($address) {
            # Over HTTP or HTTPS, as the server's own settings are.
            $asked = Start-Process -FilePath (Join-Path $bin 'tillwatch-server.exe') -PassThru -Wait -WindowStyle Hidden `
                -WorkingDirectory $env:TILLWATCH_ROOT -ArgumentList @('--listen', ($address -replace '^https?://', ''), 'health')
            $ready = $asked.ExitCode -eq 0
        }
        if (-not $ready) { Start-Sleep -Milliseconds 100 }
    }
    # As the certificate has it, where the server does HTTPS.
    if ($env:TILLWATCH_URL) { $address = $env:TILLWATCH_URL }
    if ($env:TILLWATCH_DEMO) {
        $env:TILLWATCH_API_KEY = if ($env:API_KEY) { $env:API_KEY } else { 'demo' }
        [void](Start-Part 'tillwatch' @('simulate', 'sensors', '--server', $address, '--backfill', '24h'))
    }
    if ($env:TILLWATCH_DEMO) { $env:TILLWATCH_TILL_DIR = Join-Path $env:TEMP "tillwatch-demo-till-$PID" }
    $monitor = Start-Part 'tillwatch-monitor' @('--server', $address)
    $register = Start-Part 'tillwatch-register' @('--server', $address)
    Write-Host "Pronto: $address - feche as duas janelas para parar. / Ready: $address - close both windows to stop."
    if ($env:TILLWATCH_DEMO) { Write-Host 'Todas as senhas sao 1234. / Every password is 1234.' }
    while (-not ($monitor.HasExited -and $register.HasExited)) {
        if ($server.HasExited) {
            Read-Shared (Join-Path $data 'tillwatch-server.log') | Select-Object -Last 20 | Write-Host
            throw 'O servidor parou. / The server stopped.'
        }
        Start-Sleep -Milliseconds 500
    }
    $code = 0
} catch {
    Write-Host $_.Exception.Message
} finally {
    # Windows has no gentle signal for a program without a window; the ledger is made to be cut off.
    foreach ($process in $started) {
        if (-not $process.HasExited) { taskkill /pid $process.Id /t /f | Out-Null }
    }
}
exit $code
