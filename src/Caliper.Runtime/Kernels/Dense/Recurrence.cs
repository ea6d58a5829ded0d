namespace Caliper.Kernels.Dense;

/// <summary>
/// LSTM, GRU and RNN in float32. Products with the input are computed for many steps at once, those with the state step by step; both are sums
/// that take one product after the other, fused, so that a sequence has the same bits in any batch and by any kernel. Functions go over
/// whole lines of units.
/// </summary>
internal sealed unsafe class Recurrence
{
    private readonly RecurrentForm _form;
    private readonly KernelSet _set;
    private readonly ProductKernel _products;
    private readonly MapRun[][] _functions;
    private readonly MapRun _clip, _rest;
    private readonly ZipRun _add, _multiply;

    public Recurrence(RecurrentForm form, KernelSet set)
    {
        (_form, _set, _products) = (form, set, FloatProducts.For(set));
        _functions = [.. form.Functions.Select(d => d.Select(f => f.For(set)).ToArray())];
        _clip = FloatFunction.From(new ClipMap(-form.Clip, form.Clip)).For(set);
        _rest = FloatFunctionOfTwo.From(default(SubZip)).WithLeft(1).For(set);
        (_add, _multiply) = (FloatFunctionOfTwo.From(default(AddZip)).For(set), FloatFunctionOfTwo.From(default(MulZip)).For(set));
    }

    /// <summary>Turns the weights of a direction so that the sums of a step lie side by side: those of the input first, then those of the
    /// state; of a GRU, the candidate's after those of its gates.</summary>
    /// <param name="form">The network.</param>
    /// <param name="ofInput">Sums × inputs.</param>
    /// <param name="ofState">Sums × units.</param>
    /// <param name="packed">Where they go.</param>
    public static void Pack(RecurrentForm form, float* ofInput, float* ofState, float* packed)
    {
        Turn(ofInput, form.Inputs, form.Sums, packed);
        packed += (long)form.Inputs * form.Sums;
        var together = form.Kind is RecurrentKind.Gru ? 2 * form.Hidden : form.Sums;
        Turn(ofState, form.Hidden, together, packed);
        if (together < form.Sums)
            Turn(ofState + (long)together * form.Hidden, form.Hidden, form.Hidden, packed + (long)together * form.Hidden);

        static void Turn(float* rows, int length, int count, float* to)
        {
            for (var row = 0; row < count; row++)
                for (var i = 0; i < length; i++) to[(long)i * count + row] = rows[(long)row * length + i];
        }
    }

    /// <summary>Runs a direction.</summary>
    /// <param name="operands">Where things are.</param>
    /// <param name="direction">Which one.</param>
    /// <param name="packed">Its packed weights.</param>
    /// <param name="scratch">Working memory of the form's size.</param>
    public void Run(in RecurrentOperands operands, int direction, float* packed, float* scratch)
    {
        var rows = _form.StepsAtOnce * _form.Batch;
        var work = new Work
        {
            Direction = direction,
            Inputs = scratch,
            Gates = scratch += (long)rows * _form.Inputs,
            Bias = scratch += (long)rows * _form.Sums,
            State = scratch += _form.Sums,
            Cell = scratch += (long)_form.Batch * _form.Hidden,
            Products = scratch += (long)_form.Batch * _form.Hidden,
            Line = scratch + (long)_form.Batch * _form.Sums,
            OfInput = packed,
            OfState = packed + (long)_form.Inputs * _form.Sums,
            Peepholes = operands.Peepholes is null ? null : operands.Peepholes + 3L * direction * _form.Hidden,
        };
        Begin(operands, work);
        for (var first = 0; first < _form.Steps; first += _form.StepsAtOnce)
        {
            var end = Math.Min(_form.Steps, first + _form.StepsAtOnce);
            FromInputs(operands, work, first, end);
            for (var step = first; step < end; step++) Step(operands, work, step, work.Gates + (long)(step - first) * _form.Batch * _form.Sums);
        }
        for (var b = 0; b < _form.Batch; b++)
        {
            if (operands.State is not null) Copy(work.State + b * _form.Hidden, operands.State + _form.StateAt(direction, b), _form.Hidden);
            if (operands.Cell is not null) Copy(work.Cell + b * _form.Hidden, operands.Cell + _form.StateAt(direction, b), _form.Hidden);
        }
    }

    private void Begin(in RecurrentOperands operands, in Work work)
    {
        var (hidden, sums) = (_form.Hidden, _form.Sums);
        for (var b = 0; b < _form.Batch; b++)
        {
            Start(operands.InitialState, work.State + b * hidden, _form.StateAt(work.Direction, b));
            Start(operands.InitialCell, work.Cell + b * hidden, _form.StateAt(work.Direction, b));
        }
        new Span<float>(work.Bias, sums).Clear();
        if (operands.Bias is null) return;
        var bias = operands.Bias + 2L * work.Direction * sums;
        // A candidate's bias is multiplied by the reset gate where that comes after the product.
        var joined = _form is { Kind: RecurrentKind.Gru, ResetsAfter: true } ? 2 * hidden : sums;
        for (var i = 0; i < sums; i++) work.Bias[i] = i < joined ? bias[i] + bias[sums + i] : bias[i];

        void Start(float* from, float* to, long at)
        {
            if (from is null) new Span<float>(to, hidden).Clear();
            else Copy(from + at, to, hidden);
        }
    }

    /// <summary>The sums of some steps as far as the input makes them.</summary>
    private void FromInputs(in RecurrentOperands operands, in Work work, int first, int end)
    {
        var rows = (end - first) * _form.Batch;
        for (var row = 0; row < rows; row++)
        {
            var (step, b) = Math.DivRem(row, _form.Batch);
            var to = work.Inputs + (long)row * _form.Inputs;
            if (PlaceOf(operands, work.Direction, first + step, b) is >= 0 and var place)
                Copy(operands.Input + _form.InputAt(place, b), to, _form.Inputs);
            else new Span<float>(to, _form.Inputs).Clear();
            Copy(work.Bias, work.Gates + (long)row * _form.Sums, _form.Sums);
        }
        Product(work.Inputs, work.OfInput, work.Gates, (rows, _form.Inputs, _form.Sums));
    }

    private void Step(in RecurrentOperands operands, in Work work, int step, float* gates)
    {
        var (batch, hidden, sums) = (_form.Batch, _form.Hidden, _form.Sums);
        if (_form.Kind is RecurrentKind.Gru) GruProducts(operands, work, gates);
        else Product(work.State, work.OfState, gates, (batch, hidden, sums));
        for (var b = 0; b < batch; b++)
        {
            var place = PlaceOf(operands, work.Direction, step, b);
            if (place < 0)
            {
                // Past the end of a sequence the output is 0, and the state stays.
                if (operands.Output is not null) new Span<float>(operands.Output + _form.OutputAt(step, work.Direction, b), hidden).Clear();
                continue;
            }
            float* state = work.State + b * hidden, own = gates + (long)b * sums;
            switch (_form.Kind)
            {
                case RecurrentKind.Lstm: Lstm(work, own, state, work.Cell + b * hidden); break;
                case RecurrentKind.Gru: Gru(work, own, state); break;
                default:
                    Apply(work, 0, own, hidden);
                    Copy(own, state, hidden);
                    break;
            }
            if (operands.Output is not null) Copy(state, operands.Output + _form.OutputAt(place, work.Direction, b), hidden);
        }
    }

    private void Lstm(in Work work, float* gates, float* state, float* cell)
    {
        var n = _form.Hidden;
        float* input = gates, output = gates + n, forget = gates + 2 * n, candidate = gates + 3 * n;
        Peep(work, 0, input, cell);
        Apply(work, 0, input, n);
        if (_form.CouplesForget) _rest(input, forget, n);
        else
        {
            Peep(work, 2, forget, cell);
            Apply(work, 0, forget, n);
        }
        Apply(work, 1, candidate, n);
        _multiply(input, candidate, work.Line, n);
        _multiply(forget, cell, cell, n);
        _add(cell, work.Line, cell, n);
        Peep(work, 1, output, cell);
        Apply(work, 0, output, n);
        _functions[work.Direction][2](cell, work.Line, n);
        _multiply(output, work.Line, state, n);
    }

    /// <summary>Adds what a gate sees of the cell.</summary>
    private void Peep(in Work work, int gate, float* sums, float* cell)
    {
        if (work.Peepholes is null) return;
        _multiply(work.Peepholes + gate * _form.Hidden, cell, work.Line, _form.Hidden);
        _add(sums, work.Line, sums, _form.Hidden);
    }

    /// <summary>The gates of a GRU, functions applied, and all of its candidate's sums.</summary>
    private void GruProducts(in RecurrentOperands operands, in Work work, float* gates)
    {
        var (batch, n, sums) = (_form.Batch, _form.Hidden, _form.Sums);
        float* both = work.Products, candidates = work.Products + 2L * batch * n;
        new Span<float>(both, 2 * batch * n).Clear();
        Product(work.State, work.OfState, both, (batch, n, 2 * n));
        for (var b = 0; b < batch; b++)
        {
            var own = gates + (long)b * sums;
            _add(own, both + 2L * b * n, own, 2 * n);
            Apply(work, 0, own, 2 * n);
            // From here on there is the state that the candidate sees, or the bias that is multiplied with it.
            if (_form.ResetsAfter)
            {
                if (operands.Bias is null) new Span<float>(candidates + (long)b * n, n).Clear();
                else Copy(operands.Bias + (2L * work.Direction + 1) * sums + 2 * n, candidates + (long)b * n, n);
            }
            else
            {
                new Span<float>(candidates + (long)b * n, n).Clear();
                _multiply(own + n, work.State + (long)b * n, both + (long)b * n, n);
            }
        }
        var seen = _form.ResetsAfter ? work.State : both;
        Product(seen, work.OfState + 2L * n * n, candidates, (batch, n, n));
        for (var b = 0; b < batch; b++)
        {
            float* own = gates + (long)b * sums, candidate = candidates + (long)b * n;
            if (_form.ResetsAfter) _multiply(own + n, candidate, candidate, n);
            _add(own + 2 * n, candidate, own + 2 * n, n);
        }
    }

    private void Gru(in Work work, float* gates, float* state)
    {
        var n = _form.Hidden;
        float* update = gates, candidate = gates + 2 * n;
        Apply(work, 1, candidate, n);
        _multiply(update, state, state, n);
        _rest(update, work.Line, n);
        _multiply(work.Line, candidate, work.Line, n);
        _add(state, work.Line, state, n);
    }

    private void Apply(in Work work, int function, float* line, int count)
    {
        if (float.IsFinite(_form.Clip)) _clip(line, line, count);
        _functions[work.Direction][function](line, line, count);
    }

    private void Product(float* a, float* b, float* y, (int Rows, int Inner, int Columns) size) =>
        FloatMatrix.Add(new((nint)a, size.Inner, 1), new((nint)b, size.Columns, 1), y, size, _products, _set);

    /// <summary>Which step of a sequence is taken as the so-manieth, or below 0 past its end.</summary>
    private int PlaceOf(in RecurrentOperands operands, int direction, int step, int sequence)
    {
        var length = operands.Lengths is null ? _form.Steps : operands.Lengths[sequence];
        return step >= length ? -1 : _form.AreBackward[direction] ? length - 1 - step : step;
    }

    private static void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));

    private struct Work
    {
        public int Direction;
        public float* Inputs, Gates, Bias, State, Cell, Products, Line, OfInput, OfState, Peepholes;
    }
}
