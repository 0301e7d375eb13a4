"""The protocol's own test suite, `jupyter_kernel_test`, in full: against Tradewind, and in the same way against plain ipykernel."""

from __future__ import annotations

import tempfile

import jupyter_kernel_test
from jupyter_client import KernelManager


class Samples(jupyter_kernel_test.KernelTests):
    """The flags and samples of ipykernel's own test class in jupyter_kernel_test (range history is off there: ipykernel does not pass it)."""

    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('test', file=sys.stderr)"
    completion_samples = [{"text": "zi", "matches": {"zip"}}]  # noqa: RUF012
    complete_code_samples = ["1", "print('hello, world')", "def f(x):\n  return x*2\n\n\n"]  # noqa: RUF012
    incomplete_code_samples = ["print('''hello", "def f(x):\n  x*2"]  # noqa: RUF012
    invalid_code_samples = ["import = 7q"]  # noqa: RUF012
    code_page_something = "zip?"
    code_generate_error = "raise"
    code_execute_result = [{"code": "1+2+3", "result": "6"}, {"code": "[n*n for n in range(1, 4)]", "result": "[1, 4, 9]"}]  # noqa: RUF012
    code_display_data = [  # noqa: RUF012
        {"code": "from IPython.display import HTML, display; display(HTML('<b>test</b>'))", "mime": "text/html"},
        {"code": r"from IPython.display import Math, display; display(Math('\\frac{1}{2}'))", "mime": "text/latex"},
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "search")
    code_inspect_sample = "zip"
    code_clear_output = "from IPython.display import clear_output; clear_output()"


class TestTradewind(Samples):
    kernel_name = "tradewind"


class TestIpykernel(Samples):
    kernel_name = "python3"


class TestTradewindOverIpc(Samples):
    """The same over Unix sockets."""

    kernel_name = "tradewind"

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory(prefix="tw-")
        cls.km = KernelManager(kernel_name=cls.kernel_name, transport="ipc", ip=f"{cls.folder.name}/kernel")
        cls.km.start_kernel()
        cls.kc = cls.km.client()
        cls.kc.start_channels()
        cls.kc.wait_for_ready(timeout=60)

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        cls.folder.cleanup()


class TestWelcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "tradewind"
    support_iopub_welcome = True

    @classmethod
    def setUpClass(cls) -> None:
        cls.km = KernelManager(kernel_name=cls.kernel_name)
        cls.km.start_kernel()
        cls.kc = cls.km.client()


del Samples  # a base class, no tests of its own
