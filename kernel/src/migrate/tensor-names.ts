/** Methods of PyTorch's Tensor that the operator table has no row for. A method that is neither here nor there is none of Tensor's: what it is called on is something else. */

const WITHOUT_A_ROW = new Set(
  'apply_ as_subclass ccol_indices chalf coalesce col_indices const_data_ptr crow_indices data_ptr dense_dim dequantize dim_order eig fill_diagonal_ get_device hash_tensor index indices int_repr ipu is_coalesced is_conj is_distributed is_inference is_neg is_pinned is_set_to is_shared lstsq map2_ map_ module_load mtia new q_per_channel_axis q_per_channel_scales q_per_channel_zero_points q_scale q_zero_point qscheme random_ record_stream register_hook register_post_accumulate_grad_hook reinforce resize_as_sparse_ retain_grad row_indices set_ share_memory_ slice_inverse smm solve sparse_dim sparse_mask sparse_resize_ sparse_resize_and_clear_ sspaddmm storage storage_offset storage_type symeig to_dense to_mkldnn to_padded_tensor to_sparse to_sparse_bsc to_sparse_bsr to_sparse_coo to_sparse_csc to_sparse_csr untyped_storage values xpu'.split(
    ' ',
  ),
);

/** Is there such a method at all, by its name with and without the underscore of what writes in place? */
export function isTensorMethod(name: string, plain: string): boolean {
  return WITHOUT_A_ROW.has(name) || WITHOUT_A_ROW.has(plain) || name.startsWith('__');
}
