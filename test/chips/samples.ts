// What the drivers' tools really print: each sample with where it was published (serial numbers taken out), by version of the tool.

/** The form of `--format=csv` with heads and units, as nvidia-smi 535.129.03 prints it for an A100 in the cloud. */
export const NVIDIA_WITH_UNITS = `index, name, memory.total [MiB], memory.used [MiB], utilization.gpu [%], power.draw [W], temperature.gpu
0, NVIDIA A100-SXM4-40GB, 40960 MiB, 4 MiB, 0 %, 44.71 W, 31
`;

/** The form that `noheader,nounits` gives: two cards of one machine, as in the tests of public telemetry tools. */
export const NVIDIA_TWO = `0, NVIDIA A100-SXM4-40GB, 40960, 20480, 87, 221.50, 62
1, NVIDIA GeForce RTX 3090, 24576, 1024, 13, 33.10, 41
`;

/** A GB10 and a Jetson report no memory, power or use of their own: `[N/A]`, and `[Not Supported]` from older drivers. */
export const NVIDIA_WITHOUT_FIGURES = `0, NVIDIA GB10, [N/A], [N/A], [N/A], [N/A], 45
1, NVIDIA Orin, [Not Supported], [Not Supported], [Not Supported], [Not Supported], [Unknown Error]
`;

/** A name with a comma, a warning about a card's memory, and lines that are no card. */
export const NVIDIA_NOISY = `WARNING: infoROM is corrupted at gpu 0000:00:04.0
0, NVIDIA GPU, PCIe edition, 40960, 10, 0, 25.00, 30
No devices were found
`;

/** nvidia-smi whose driver is not loaded. */
export const NVIDIA_FAILED =
  "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n";

/** npu-smi 25.5.2, one Ascend 910B4 with 32 GB, no process: the environment shown in tensordict's Ascend notes. */
export const NPU_910B4 = `+------------------------------------------------------------------------------------------------+
| npu-smi 25.5.2                   Version: 25.5.2                                               |
+---------------------------+---------------+----------------------------------------------------+
| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|
| Chip                      | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |
+===========================+===============+====================================================+
| 5     910B4               | OK            | 89.9        39                0    / 0             |
| 0                         | 0000:41:00.0  | 0           0    / 0          2922 / 32768         |
+===========================+===============+====================================================+
+---------------------------+---------------+----------------------------------------------------+
| NPU     Chip              | Process id    | Process name             | Process memory(MB)      |
+===========================+===============+====================================================+
| No running processes found in NPU 5                                                            |
+===========================+===============+====================================================+
`;

/** npu-smi 24.1.rc2.1 with two busy 910B2 and the table of processes: a hardware survey script on GitHub. */
export const NPU_910B2 = `+------------------------------------------------------------------------------------------------+
| npu-smi 24.1.rc2.1               Version: 24.1.rc2.1                                           |
+---------------------------+---------------+----------------------------------------------------+
| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|
| Chip                      | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |
+===========================+===============+====================================================+
| 3     910B2               | OK            | 119.9       45                0    / 0             |
| 0                         | 0000:02:00.0  | 9           0    / 0          61125/ 65536         |
+===========================+===============+====================================================+
| 4     910B2               | OK            | 116.1       45                0    / 0             |
| 0                         | 0000:81:00.0  | 0           0    / 0          61125/ 65536         |
+===========================+===============+====================================================+
+---------------------------+---------------+----------------------------------------------------+
| NPU     Chip              | Process id    | Process name             | Process memory(MB)      |
+===========================+===============+====================================================+
| 3       0                 | 2133          | python                   | 57857                   |
+===========================+===============+====================================================+
`;

/** npu-smi 24.1.rc3.7 on an A3 machine, whose cards have two chips and physical numbers: vllm-project/vllm-ascend, issue 2658. */
export const NPU_A3 = `+------------------------------------------------------------------------------------------------+
| npu-smi 24.1.rc3.7               Version: 24.1.rc3.7                                           |
+---------------------------+---------------+----------------------------------------------------+
| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|
| Chip  Phy-ID              | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |
+===========================+===============+====================================================+
| 0     Ascend910           | OK            | 178.8       36                0    / 0             |
| 0     0                   | 0000:9D:00.0  | 0           0    / 0          3414 / 65536         |
+------------------------------------------------------------------------------------------------+
| 0     Ascend910           | OK            | -           36                0    / 0             |
| 1     1                   | 0000:9F:00.0  | 0           0    / 0          3190 / 65536         |
+===========================+===============+====================================================+
| 1     Ascend910           | OK            | 187.2       36                0    / 0             |
| 0     2                   | 0000:99:00.0  | 0           0    / 0          3415 / 65536         |
+------------------------------------------------------------------------------------------------+
`;

/** npu-smi 25.2.0, 910B4-1, bus addresses masked by the reporter: Project-HAMi/HAMi-WebUI, issue 47. */
export const NPU_MASKED = `+------------------------------------------------------------------------------------------------+
| npu-smi 25.2.0                   Version: 25.2.0                                               |
+---------------------------+---------------+----------------------------------------------------+
| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|
| Chip                      | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |
+===========================+===============+====================================================+
| 0     910B4-1             | OK            | 91.3        33                0    / 0             |
| 0                         | 0000:xx:00.0  | 0           0    / 0          3197 / 65536         |
+===========================+===============+====================================================+
| 1     910B4-1             | OK            | 88.1        32                0    / 0             |
| 0                         | 0000:xx:00.0  | 0           0    / 0          3197 / 65536         |
`;

/** npu-smi 22.0.2 with a 310P3, which has no HBM and a column `Device`: the Ascend model zoo's instructions. */
export const NPU_310P = `+-------------------+-----------------+------------------------------------------------------+
| npu-smi 22.0.0                       Version:22.0.2                                        |
+-------------------+-----------------+------------------------------------------------------+
| NPU     Name      | Health          | Power(W)     Temp(C)           Hugepages-Usage(page) |
| Chip    Device    | Bus-Id          | AICore(%)    Memory-Usage(MB)                        |
+===================+=================+======================================================+
| 0       310P3     | OK              | 16.2         42                0    / 0              |
| 0       0         | 0000:86:00.0    | 0            994  / 21534                            |
+===================+=================+======================================================+
`;

/** hy-smi of DTK 24.04 with K100_AI cards: gpustack/gpustack, issue 2032. */
export const HY_JSON = `{"card0": {"Device ID": "0x6210", "Card Series": "K100_AI", "Card Vendor": "Chengdu Haiguang IC Design Co., Ltd.", "Average Graphics Package Power (W)": "77.0", "Temperature (Sensor edge) (C)": "37.0", "Temperature (Sensor junction) (C)": "35.0", "Temperature (Sensor mem) (C)": "38.0", "Temperature (Sensor core) (C)": "35.0", "HCU use (%)": "0.0", "vram Total Memory (MiB)": "65520", "vram Total Used Memory (MiB)": "2"}, "card1": {"Device ID": "0x6210", "Card Series": "K100_AI", "Card Vendor": "Chengdu Haiguang IC Design Co., Ltd.", "Average Graphics Package Power (W)": "76.0", "Temperature (Sensor edge) (C)": "38.0", "Temperature (Sensor junction) (C)": "36.0", "Temperature (Sensor mem) (C)": "40.0", "Temperature (Sensor core) (C)": "36.0", "HCU use (%)": "0.0", "vram Total Memory (MiB)": "65520", "vram Total Used Memory (MiB)": "2"}}
`;

/** Put together from the above for Z100L cards of 32 and 16 GB (memory of the former as rocminfo of gpustack issue 1508 has it: 33538048 KB), in bytes, DCU for HCU, with lines around. */
export const HY_Z100L = `
======================= System Management Interface =======================
{"card0": {"Card Series": "Z100L", "Card Vendor": "Chengdu C-3000 IC Design Co., Ltd.", "DCU use (%)": "92", "vram Total Memory (B)": "34342961152", "vram Total Used Memory (B)": "8589934592", "Temperature (Sensor junction) (C)": "54.0"}, "card1": {"Card Series": "Z100L", "DCU use (%)": 0, "vram Total Memory (B)": "17163091968", "vram Total Used Memory (B)": "0"}}
================================================================================
`;

/** A tool too old for --json: lines a card, as DTK's rocm-smi prints them for Z100SM cards. */
export const HY_LINES = `============================ System Management Interface =============================
DCU[0] \t\t: Card Series: Z100SM
DCU[1] \t\t: Card Series: Z100SM
DCU[0] \t\t: DCU use (%): 75
DCU[1] \t\t: DCU use (%): 50
DCU[0] \t\t: vram Total Memory (MiB): 16368
DCU[0] \t\t: vram Total Used Memory (MiB): 9000
DCU[1] \t\t: vram Total Used Memory (MiB): 8000
`;

/** rocm-smi 6 with a Radeon: marimo-team/marimo, issue 9237. */
export const ROCM_RADEON = `{
  "card0": {
    "GPU use (%)": "0",
    "VRAM Total Memory (B)": "21458059264",
    "VRAM Total Used Memory (B)": "27856896",
    "Card Series": "Radeon RX 7900 XT",
    "Card Model": "0x744c",
    "Card Vendor": "Advanced Micro Devices, Inc. [AMD/ATI]",
    "Card SKU": "D70401XT",
    "GFX Version": "gfx1100"
  }
}
`;

/** rocm-smi-lib 6.2.4 with an integrated Radeon, whose name is under another key: sebhildebrandt/systeminformation, pull request 960. */
export const ROCM_PHOENIX = `{"card0": {"Device Name": "Phoenix3", "Device ID": "0x1900", "Temperature (Sensor edge) (C)": "31.0", "Current Socket Graphics Package Power (W)": "7.222", "GPU use (%)": "19", "GPU Memory Allocated (VRAM%)": "87", "Serial Number": "N/A"}, "system": {"Driver version": "6.12.9"}}`;

/** `npu-smi info -t common -i 0` of a 910B, with the card's controller: gpustack/gpustack's tests. */
export const NPU_COMMON_910B = `NPU ID                         : 0
Chip Count                     : 1

Chip ID                        : 0
Memory Usage Rate(%)           : 6
HBM Usage Rate(%)              : 0
Aicore Usage Rate(%)           : 0
Aicore Freq(MHZ)               : 1000
Aicore curFreq(MHZ)            : 1000
Aicore Count                   : 32
Temperature(C)                 : 46
NPU Real-time Power(W)         : 69.0

Chip Name                      : mcu
Temperature(C)                 : 48
NPU Real-time Power(W)         : 45.2
`;

/** `npu-smi info -t common -i 1` of a 310P with two chips: only the controller tells power. The same tests. */
export const NPU_COMMON_310P = `NPU ID                         : 1
Chip Count                     : 2

Chip ID                        : 0
Memory Usage Rate(%)           : 3
Aicore Usage Rate(%)           : 0
Temperature(C)                 : 60

Chip ID                        : 1
Memory Usage Rate(%)           : 3
Aicore Usage Rate(%)           : 0
Temperature(C)                 : 59

Chip Name                      : mcu
Temperature(C)                 : 48
NPU Real-time Power(W)         : 45.2
`;

/** `npu-smi info -t usages -i 0` of a 910B: the chip's number comes last. The same tests. */
export const NPU_USAGES_910B = `NPU ID                         : 0
Chip Count                     : 1

DDR Capacity(MB)               : 15171
DDR Usage Rate(%)              : 3
DDR Hugepages Total(page)      : 0
HBM Capacity(MB)               : 32768
HBM Usage Rate(%)              : 25
Aicore Usage Rate(%)           : 40
Aicpu Usage Rate(%)            : 0
Ctrlcpu Usage Rate(%)          : 9
HBM Bandwidth Usage Rate(%)    : 0
Chip ID                        : 0
`;

/** `npu-smi info -t power -i 0`, indented as newer tools print it: a Go exporter's tests. */
export const NPU_POWER = `        NPU ID                         : 0
        Chip Count                     : 1

        NPU Real-time Power(W)         : 103.5
        Chip ID                        : 0
`;

/** ascend_toolkit_install.info of CANN 8.3.RC1, from a bug report on vllm-ascend. */
export const CANN_INSTALL_INFO = `package_name=Ascend-cann-toolkit
version=8.3.RC1
innerversion=V100R001C23SPC001B231
compatible_version=[V100R001C15],[V100R001C18],[V100R001C19],[V100R001C20],[V100R001C21],[V100R001C23]
arch=aarch64
os=linux
path=/usr/local/Ascend/ascend-toolkit/8.3.RC1/aarch64-linux
`;
