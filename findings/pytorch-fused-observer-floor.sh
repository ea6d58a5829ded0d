#!/usr/bin/env bash
# Subject   PyTorch 2.10.0 (NuGet libtorch-cpu-linux-x64, called through its C functions): fused_moving_avg_obs_fake_quant, the operator of
#           FusedMovingAvgObsFakeQuantize, which the default settings for quantization-aware training use. Unpacked it takes half a gigabyte.
# Input     four numbers, the largest 1, then 0.01, 0.001, 0.0001; int8, symmetric; once for a tensor, once for each row of a matrix
# Guess     the scale follows the range, as MovingAverageMinMaxObserver's does: largest / 127.5, however small the tensor, down to 1.2e-7
# Seen      the scale stops at 6.1e-5. A row whose largest weight is 0.001 gets 33 of the 256 levels, one of 0.0001 gets 5: 0.00001 becomes 0.
#           Above the floor the scale is largest / 127, not the observer's largest / 127.5.
# Matters   weights below 0.0077 are nothing unusual in wide layers and in channels after a large normalization. Training then simulates
#           far coarser weights than a min-max observer quantizes to, and learns to make up for an error that the int8 model does not have.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_DATA_HOME="$folder" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
cat > try.cs <<'CS'
#:package libtorch-cpu-linux-x64@2.10.0
#:property PublishAot=false
#:property AllowUnsafeBlocks=true
using System.Globalization;
using System.Runtime.InteropServices;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const float Floor = 6.1e-5f;
var holds = true;
foreach (var largest in new[] { 1, 0.01f, 0.001f, 0.0001f })
{
    var (scales, values) = Torch.Observe([-largest, largest / 3, largest, largest / 10], rows: 1, eachRow: false);
    var formula = $"{scales[0]:E2} (largest / 127.5 is {largest / 127.5f:E2})";
    Console.WriteLine($"largest {largest,6}: scale {formula}; values {string.Join("  ", values)}");
    holds &= Math.Abs(scales[0] / Math.Max(largest / 127, Floor) - 1) < 1e-3;
}

var (each, _) = Torch.Observe([-1, 0, 1, 0.5f, -0.001f, 0, 0.001f, 0.0005f], rows: 2, eachRow: true);
Console.WriteLine($"rows with largest 1 and 0.001: scales {each[0]:E2} and {each[1]:E2}");
holds &= Math.Abs(each[0] * 127 - 1) < 1e-3 && Math.Abs(each[1] / Floor - 1) < 1e-3;
Console.WriteLine(holds ? "holds: the fused observer's scale does not go below 6.1e-5" : "changed");
return holds ? 0 : 1;

static unsafe class Torch
{
    public static (float[] Scales, float[] Values) Observe(float[] values, long rows, bool eachRow)
    {
        var scales = new float[rows];
        Array.Fill(scales, 1);
        float[] low = [.. scales.Select(_ => float.PositiveInfinity)], high = [.. scales.Select(_ => float.NegativeInfinity)];
        long[] matrix = eachRow ? [rows, values.Length / rows] : [values.Length];
        int real = aoti_torch_dtype_float32(), whole = aoti_torch_dtype_int64();
        // self, observer_on, fake_quant_on, running_min, running_max, scale, zero_point, averaging_const,
        // quant_min, quant_max, ch_axis, per_row_fake_quant, symmetric_quant
        ulong[] stack =
        [
            Tensor(values, real, matrix), Tensor(new long[] { 1 }, whole, 1), Tensor(new long[] { 1 }, whole, 1), Tensor(low, real, rows),
            Tensor(high, real, rows), Tensor(scales, real, rows), Tensor(new int[rows], aoti_torch_dtype_int32(), rows),
            BitConverter.DoubleToUInt64Bits(0.01), unchecked((ulong)-128L), 127, 0, eachRow ? 1u : 0, 1,
        ];
        void* data;
        fixed (ulong* s = stack) Check(aoti_torch_call_dispatcher("aten::fused_moving_avg_obs_fake_quant", "", s));
        Check(aoti_torch_get_data_ptr((void*)stack[0], &data));
        return (scales, new Span<float>(data, values.Length).ToArray());
    }

    // over the array itself, which stays where it is until the process ends
    static ulong Tensor(Array data, int type, params long[] sizes)
    {
        var strides = new long[sizes.Length];
        for (long i = sizes.Length - 1, stride = 1; i >= 0; stride *= sizes[i--]) strides[i] = stride;
        var place = (void*)GCHandle.Alloc(data, GCHandleType.Pinned).AddrOfPinnedObject();
        void* tensor;
        fixed (long* n = sizes, s = strides) Check(aoti_torch_create_tensor_from_blob(place, sizes.Length, n, s, 0, type, 0, 0, &tensor));
        return (ulong)tensor;
    }

    static void Check(int error)
    {
        if (error != 0) throw new InvalidOperationException("PyTorch refused the call");
    }

    [DllImport("torch_cpu")]
    static extern int aoti_torch_create_tensor_from_blob(
        void* data, long rank, long* sizes, long* strides, long offset, int type, int device, int index, void** tensor);
    [DllImport("torch_cpu")] static extern int aoti_torch_dtype_float32();
    [DllImport("torch_cpu")] static extern int aoti_torch_dtype_int32();
    [DllImport("torch_cpu")] static extern int aoti_torch_dtype_int64();
    [DllImport("torch_cpu")] static extern int aoti_torch_get_data_ptr(void* tensor, void** data);
    [DllImport("torch_cpu")]
    static extern int aoti_torch_call_dispatcher(
        [MarshalAs(UnmanagedType.LPStr)] string name, [MarshalAs(UnmanagedType.LPStr)] string overload, ulong* stack);
}
CS
dotnet run try.cs
