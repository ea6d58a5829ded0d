using System.Numerics.Tensors;

namespace Caliper.Recovery;

/// <summary>
/// The squared error dᵀ·A·d that an error d of some weights makes at their output, A symmetric and positive definite, with its
/// triangular factor: A = Uᵀ·U. Taps are in the order of their importance, A's diagonal, the greatest last.
/// </summary>
internal sealed class QuadraticForm
{
    private readonly double[] _matrix;
    private readonly double[] _factor;

    private QuadraticForm(double[] matrix, double[] factor, int[] order)
    {
        (_matrix, _factor, Order) = (matrix, factor, order);
    }

    /// <summary>Which tap each index means.</summary>
    public int[] Order { get; }

    /// <summary>Number of taps.</summary>
    public int Length => Order.Length;

    /// <summary>Adds to the diagonal and factors the matrix.</summary>
    /// <param name="moments">The matrix, row after row. It becomes part of the form.</param>
    /// <param name="ridge">What to add to the diagonal.</param>
    /// <returns>Null where the sum is not positive definite, or not finite.</returns>
    public static QuadraticForm? Of(double[] moments, double ridge)
    {
        var length = (int)Math.Sqrt(moments.Length);
        int[] order = [.. Enumerable.Range(0, length).OrderBy(i => moments[i * length + i])];
        var matrix = new double[moments.Length];
        for (var i = 0; i < length; i++)
        {
            for (var j = 0; j < length; j++) matrix[i * length + j] = moments[order[i] * length + order[j]];
            matrix[i * length + i] += ridge;
        }
        return TensorPrimitives.IsFiniteAll<double>(matrix) && Factor(matrix, moments, length) is { } factor ? new(matrix, factor, order) : null;
    }

    /// <summary>A row of the matrix.</summary>
    public ReadOnlySpan<double> Row(int index) => _matrix.AsSpan(index * Length, Length);

    /// <summary>An element of the diagonal.</summary>
    public double Diagonal(int index) => _matrix[index * Length + index];

    /// <summary>A row of the factor, from the diagonal on.</summary>
    public ReadOnlySpan<double> FactorRow(int index) => _factor.AsSpan(index * Length + index, Length - index);

    /// <summary>A·d.</summary>
    public void Multiply(ReadOnlySpan<double> errors, Span<double> product)
    {
        for (var i = 0; i < Length; i++) product[i] = TensorPrimitives.Dot(Row(i), errors);
    }

    /// <summary>dᵀ·A·d, as the square of U·d.</summary>
    public double Of(ReadOnlySpan<double> errors)
    {
        var sum = 0.0;
        for (var i = 0; i < Length; i++)
        {
            var part = TensorPrimitives.Dot(FactorRow(i), errors[i..]);
            sum += part * part;
        }
        return sum;
    }

    /// <summary>Cholesky's factor, upper, row by row: what a row takes from those below it is taken at once.</summary>
    private static double[]? Factor(double[] matrix, double[] factor, int length)
    {
        matrix.CopyTo(factor, 0);
        for (var k = 0; k < length; k++)
        {
            var pivot = factor[k * length + k];
            if (!(pivot > 0)) return null;
            var row = factor.AsSpan(k * length + k, length - k);
            TensorPrimitives.Multiply(row, 1 / Math.Sqrt(pivot), row);
            for (var i = k + 1; i < length; i++)
            {
                var below = factor.AsSpan(i * length + i, length - i);
                TensorPrimitives.MultiplyAdd(row[(i - k)..], -row[i - k], below, below);
            }
        }
        return factor;
    }
}
